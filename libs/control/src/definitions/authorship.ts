import type { Principal } from '../principal.js';

/** Who makes a change, when and why. */
export interface Authorship {
  readonly author: Principal;
  readonly reason?: string | undefined;
  /** Unix time, milliseconds. */
  readonly at: number;
}
