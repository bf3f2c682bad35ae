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
  const { parts, of } = shareOf(percent);
  return place * of < parts << 64n;
}

/** A percentage as so many parts of so many. */
export function shareOf(percent: number): { readonly parts: bigint; readonly of: bigint } {
  return { parts: BigInt(Math.round(percent * PARTS)), of: BigInt(100 * PARTS) };
}
