/** Turns a key's state of one format into that of the next. Pure; a migration that was ever released stays as it is. */
export type StateMigration = (state: unknown, key: string) => unknown;

/** Which format a processor's states have, and how older ones become it. */
export interface StateFormat {
  /** 1 is what has none written beside it. */
  readonly version: number;
  /** Format → what turns its states into those of the next one. */
  readonly migrations: Readonly<Record<number, StateMigration>>;
}

export const FIRST_FORMAT: StateFormat = { version: 1, migrations: {} };

/** What is on disk or in the changelog cannot be read by this version of the processor. */
export class StateFormatError extends Error {
  constructor(
    readonly place: string,
    readonly found: number,
    readonly known: number,
  ) {
    super(
      found > known
        ? `${place} has states of format ${found} and this version reads up to ${known}: run the version that wrote them`
        : `${place} has states of format ${found} and no migration leads from it to ${known}: run a version that ` +
            'has one, or start a new generation',
    );
    this.name = 'StateFormatError';
  }
}

/**
 * Turns entries, as they are stored, from a format into the present one; undefined where a migration is missing.
 * Throws a StateFormatError where the format is newer than the present one.
 */
export function migrationFrom(
  { version, migrations }: StateFormat,
  found: number,
  place: string,
): ((entry: string, key: string) => string) | undefined {
  if (found > version) throw new StateFormatError(place, found, version);
  if (found === version) return (entry) => entry;
  const steps: StateMigration[] = [];
  for (let from = found; from < version; from += 1) {
    const step = migrations[from];
    if (!step) return undefined;
    steps.push(step);
  }
  return (text, stored) => {
    const entry = JSON.parse(text) as { readonly key?: string; readonly state: unknown };
    const key = entry.key ?? stored;
    return JSON.stringify({ ...entry, state: steps.reduce((state, step) => step(state, key), entry.state) });
  };
}
