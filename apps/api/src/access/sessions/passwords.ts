import { Injectable } from '@nestjs/common';
import { hashPassword, SALT_BYTES, verifyPassword } from '@tributary/access';
import { randomBytes } from 'node:crypto';
import { ApiError } from '../../http/api.errors.js';

/** Each takes 19 MB for some tens of milliseconds, and a thread of four. */
const AT_ONCE = 2;
const WAITING = 32;

/** Hashes and checks passwords, few at a time. */
@Injectable()
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #decoy: Promise<string> | undefined;

  async hash(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password, randomBytes(SALT_BYTES)));
  }

  /** Takes as long where there is no hash: it does not say which accounts there are. */
  async verify(password: string, hash: string | null): Promise<boolean> {
    this.#decoy ??= hashPassword(randomBytes(SALT_BYTES).toString('hex'), randomBytes(SALT_BYTES));
    const other = await this.#decoy;
    const isRight = await this.#inTurn(() => verifyPassword(password, hash ?? other));
    return isRight && hash !== null;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await this.#turn();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #turn(): Promise<void> {
    if (this.#waiting.length >= WAITING)
      throw new ApiError({
        code: 'too_many_attempts',
        message: 'Too many sign in at once; send it again.',
        details: { retryAfterSeconds: 1 },
      });
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
