import type { IdentifiedCall } from '@tributary/harness';

/** The key that a call must have in the event log, worked out here and not by the platform. */
export function logKeyOf({ userId, anonymousId }: IdentifiedCall): string {
  return userId === undefined ? `default/anonymous_id:${anonymousId ?? ''}` : `default/user_id:${userId}`;
}

/** What one call came to, on the outside. */
interface Entry {
  /** How often it was in a request that was sent. */
  sent: number;
  /** How often it was in a request that was answered with 200. */
  answered: number;
}

/** How often the event log holds each call, by {@link entryOf}. */
export type LogCount = ReadonlyMap<string, number>;

/** The name of a call in the ledger and in the log: a duplicate has the same one. */
export function entryOf(key: string, messageId: string): string {
  return `${key} ${messageId}`;
}

/** What was sent and what was answered, kept outside the platform. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();

  /** These calls are about to be sent, or sent again. */
  sends(calls: readonly IdentifiedCall[]): void {
    for (const call of calls) this.#entry(call).sent += 1;
  }

  /** These calls were in a request that was answered with 200. */
  answered(calls: readonly IdentifiedCall[]): void {
    for (const call of calls) this.#entry(call).answered += 1;
  }

  /** Calls that were sent, and how many of them were answered with 200, each counted once. */
  get size(): { readonly sent: number; readonly answered: number } {
    const entries = [...this.#entries.values()];
    return { sent: entries.length, answered: entries.filter(({ answered }) => answered > 0).length };
  }

  /** Holds the log against the ledger. */
  compare(log: LogCount): LedgerReport {
    const lost = [...this.#entries].filter(([entry, { answered }]) => answered > 0 && !log.has(entry));
    const unknown = [...log.keys()].filter((entry) => !this.#entries.has(entry));
    const duplicates = [...log.values()].reduce((sum, count) => sum + count - 1, 0);
    return {
      ...this.size,
      lost: lost.map(([entry]) => entry),
      neverSent: unknown,
      inLog: log.size,
      duplicates,
    };
  }

  #entry(call: IdentifiedCall): Entry {
    const name = entryOf(logKeyOf(call), call.messageId);
    const entry = this.#entries.get(name) ?? { sent: 0, answered: 0 };
    this.#entries.set(name, entry);
    return entry;
  }
}

/** The ledger held against the log. */
export interface LedgerReport {
  readonly sent: number;
  readonly answered: number;
  /** Answered with 200, and not in the log. */
  readonly lost: readonly string[];
  /** In the log, and never sent. */
  readonly neverSent: readonly string[];
  /** Calls in the log, duplicates counted once. */
  readonly inLog: number;
  /** Duplicates in the log. */
  readonly duplicates: number;
}
