/** The parts of a record of `audience.memberships.v1` that say whether it is news. */
interface Told {
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether a membership's record repeats what was published before, over what a former owner wrote: it is no change. */
export function isRepeat({ headers }: Told): boolean {
  return 'repeat' in headers;
}

/**
 * The number of what an owner said in its epoch; undefined in a record that has none. A request that is sent again
 * writes the same numbers again: what does not exceed the last one is no change.
 */
export function sequenceOf({ headers }: Told): number | undefined {
  return headers.sequence === undefined ? undefined : Number(headers.sequence);
}
