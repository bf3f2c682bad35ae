/** How many attempts to sign in are taken. */
export interface ThrottleLimits {
  /** Attempts on one account that cost no wait. */
  readonly perAccount: number;
  /** Attempts from one address that cost no wait. */
  readonly perAddress: number;
  /** After those, the wait begins with this and doubles with each; milliseconds. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** After so long without one, attempts are forgotten; milliseconds. */
  readonly forgetMs: number;
  /** Accounts and addresses that are remembered; the one that was longest silent makes room. */
  readonly remembered: number;
}

/** What the api uses. */
export const THROTTLE_LIMITS: ThrottleLimits = {
  perAccount: 5,
  perAddress: 20,
  firstWaitMs: 1_000,
  longestWaitMs: 15 * 60_000,
  forgetMs: 60 * 60_000,
  remembered: 10_000,
};

interface Attempts {
  readonly count: number;
  readonly at: number;
}

/** Slows down whoever guesses passwords: by account, and by address. Its memory is bounded. */
export class SignInThrottle {
  /** In the order of their last attempts. */
  readonly #attempts = new Map<string, Attempts>();

  constructor(private readonly limits: ThrottleLimits = THROTTLE_LIMITS) {}

  /** How many accounts and addresses it remembers. */
  get size(): number {
    return this.#attempts.size;
  }

  /**
   * Takes an attempt and answers 0, or answers how long its sender has to wait, in milliseconds. An attempt counts
   * before it is known to fail: many at once are as many.
   */
  attempt(account: string, address: string, now: number): number {
    const keys = this.#keysOf(account, address);
    const wait = Math.max(...keys.map(([key, free]) => this.#waitOf(key, free, now)));
    if (wait > 0) return wait;
    for (const [key] of keys) this.#count(key, now);
    return 0;
  }

  /**
   * An attempt was right: the account begins anew, and the address has it back. Other attempts of the address stay: it
   * may be guessing other accounts.
   */
  succeeded(account: string, address: string): void {
    this.#attempts.delete(`account ${account}`);
    const key = `address ${address}`;
    const attempts = this.#attempts.get(key);
    if (attempts) this.#attempts.set(key, { ...attempts, count: attempts.count - 1 });
  }

  #keysOf(account: string, address: string): readonly (readonly [string, number])[] {
    const { perAccount, perAddress } = this.limits;
    return [
      [`account ${account}`, perAccount],
      [`address ${address}`, perAddress],
    ];
  }

  #waitOf(key: string, free: number, now: number): number {
    const attempts = this.#attempts.get(key);
    if (!attempts || now - attempts.at >= this.limits.forgetMs || attempts.count < free) return 0;
    const doubled = this.limits.firstWaitMs * 2 ** Math.min(attempts.count - free, 30);
    return Math.max(0, attempts.at + Math.min(doubled, this.limits.longestWaitMs) - now);
  }

  #count(key: string, now: number): void {
    const before = this.#attempts.get(key);
    const isFresh = before && now - before.at < this.limits.forgetMs;
    this.#attempts.delete(key);
    this.#attempts.set(key, { count: isFresh ? before.count + 1 : 1, at: now });
    for (const oldest of this.#attempts.keys()) {
      if (this.#attempts.size <= this.limits.remembered) break;
      this.#attempts.delete(oldest);
    }
  }
}
