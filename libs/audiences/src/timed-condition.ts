/** A value at an instant, and since when it has been that; undefined for always, as far as the facts say. */
export interface Standing {
  readonly value: boolean;
  readonly since: number | undefined;
}

/** A value at an instant, and an instant before which it does not change by the passing of time; Infinity for never. */
export interface Change {
  readonly value: boolean;
  readonly at: number;
}

/** A condition of a person as time passes, by the facts that are known; instants in milliseconds since 1970. */
export interface TimedCondition {
  standing(at: number): Standing;
  next(at: number): Change;
  /** The value, whatever is not known; undefined where it depends on that. */
  sure(at: number): boolean | undefined;
  /** When what is not known has left the window; undefined where it leaves none. */
  knownAt?(at: number): number | undefined;
}

/** What the value of a condition depends on, of which only the latest fact is known. */
export interface Dated {
  /** When that came; undefined where there is none. */
  readonly came: number | undefined;
  readonly holds: (at: number) => boolean;
  /** The last instant at or before one at which time may have changed the value. */
  readonly changedAt: (at: number) => number | undefined;
}

/** So many instants are looked at for the one at which a value became what it is. */
const MOST_LOOKED_AT = 100;

/**
 * Since when a value is what it is: since time changed it last or, where it did not since then, since its latest fact came,
 * before which it counts as the opposite. What was the same at a hundred borders is dated by the hundredth.
 */
export function standingOf({ came, holds, changedAt }: Dated, at: number): Standing {
  if (came === undefined) return { value: holds(at), since: undefined };
  if (at < came) return { value: !holds(came), since: undefined };
  const value = holds(at);
  let instant = at;
  for (let i = 0; i < MOST_LOOKED_AT; i += 1) {
    const border = changedAt(instant);
    if (border === undefined || border <= came) return { value, since: came };
    if (holds(border - 1) !== value) return { value, since: border };
    instant = border - 1;
  }
  return { value, since: instant + 1 };
}
