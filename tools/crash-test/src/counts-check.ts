import type { ProfileCount } from './log.js';

/** What is wrong with what the profiles count, a line each: every event counts once, in one profile. */
export function checkProfiles(profiles: readonly ProfileCount[], events: number): readonly string[] {
  const counted = profiles
    .filter(({ mergedInto }) => mergedInto === undefined)
    .reduce((sum, { eventCount }) => sum + (eventCount ?? 0), 0);
  return counted === events ? [] : [`profiles count ${counted} events and the log holds ${events}`];
}

/** What is wrong with the table of events, a line each: each event of the log is there once, and nothing else. */
export function checkTable(
  rows: ReadonlyMap<string, number>,
  log: ReadonlyMap<string, number>,
): readonly string[] {
  return [
    ...[...log.keys()].filter((entry) => !rows.has(entry)).map((entry) => `not in the table: ${entry}`),
    ...[...rows.keys()].filter((entry) => !log.has(entry)).map((entry) => `in the table alone: ${entry}`),
    ...[...rows].filter(([, found]) => found > 1).map(([entry, found]) => `${found} times: ${entry}`),
  ];
}
