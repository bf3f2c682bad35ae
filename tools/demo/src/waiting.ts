import { eventually } from '@tributary/testing';

const LOOK_EVERY_MS = 25;

/** Waits until something is so, at most this many milliseconds; says whether it is. */
export function until(isSo: () => boolean | Promise<boolean>, patienceMs: number): Promise<boolean> {
  return eventually(isSo, { withinMs: patienceMs, everyMs: LOOK_EVERY_MS }).catch(() => false);
}
