import { digest } from '@tributary/kernel';

/** Of a percent. */
const PARTS = 10_000;

/** Whether a number is a share that a definition may ask for: see `RandomCondition`. */
export function isPercent(percent: number): boolean {
  return percent > 0 && percent <= 100 && Math.round(percent * PARTS) / PARTS === percent;
}

/**
 * Whether a profile is among so many of a hundred: the first eight bytes of the SHA-1 of its id, a number of 64 bits, are
 * below that share of 2^64. Who is among fewer is among more.
 */
export function isAmong(percent: number, profileId: string): boolean {
  const place = BigInt(`0x${digest(profileId)}`);
  const share = BigInt(Math.round(percent * PARTS));
  return place * BigInt(100 * PARTS) < share << 64n;
}
