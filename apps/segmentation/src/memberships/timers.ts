import type { PartitionStore, TableWriter } from '@tributary/state';

const TABLE = 'timers';
const DIGITS = 15;

/** One deadline a profile, in an order that survives restarts: what changed since the checkpoint in memory, the rest on disk. */
export class Timers {
  /** Profile → its deadline now; undefined where it has none any more. */
  readonly #fresh = new Map<string, number | undefined>();

  constructor(private readonly store: PartitionStore) {}

  set(profile: string, deadline: number | undefined): void {
    this.#fresh.set(profile, deadline);
  }

  /** The profiles whose deadline is not after `now`. */
  due(now: number): readonly string[] {
    const due = [...this.#fresh].flatMap(([profile, at]) => (at !== undefined && at <= now ? [profile] : []));
    for (const { key } of this.store.range(TABLE, '', orderedKey(now + 1, ''))) {
      const profile = key.slice(DIGITS + 1);
      if (!this.#fresh.has(profile)) due.push(profile);
    }
    return due;
  }

  /** The earliest deadline of all. */
  next(): number | undefined {
    let next = Infinity;
    for (const at of this.#fresh.values()) if (at !== undefined && at < next) next = at;
    for (const { key } of this.store.range(TABLE, '')) {
      if (this.#fresh.has(key.slice(DIGITS + 1))) continue;
      next = Math.min(next, Number(key.slice(0, DIGITS)));
      break;
    }
    return next === Infinity ? undefined : next;
  }

  checkpoint(writer: TableWriter): void {
    for (const [profile, deadline] of this.#fresh) {
      const before = this.store.getFrom(BY_PROFILE, profile);
      if (before !== undefined) writer.remove(TABLE, orderedKey(Number(before), profile));
      if (deadline === undefined) {
        writer.remove(BY_PROFILE, profile);
      } else {
        writer.put(TABLE, orderedKey(deadline, profile), '');
        writer.put(BY_PROFILE, profile, String(deadline));
      }
    }
    this.#fresh.clear();
  }
}

const BY_PROFILE = 'timers-by-profile';

function orderedKey(deadline: number, profile: string): string {
  return `${String(deadline).padStart(DIGITS, '0')} ${profile}`;
}
