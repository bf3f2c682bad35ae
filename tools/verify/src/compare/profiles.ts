import {
  TOPICS,
  type EmptyProfileMessage,
  type MergedProfileMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import { aggregatesOfMerge } from '@tributary/audiences';
import { parseScopedKey, scopedKey } from '@tributary/kernel';
import type { Activations } from '../recompute/activations.js';
import type { Rules } from '../recompute/definitions.js';
import { eventsBehind, type History } from '../recompute/history.js';
import { groupsReader } from '../recompute/accounts.js';
import { mergedOf, type MergesOf } from '../recompute/merges.js';
import { profileOf, type ExpectedProfile } from '../recompute/profile.js';
import type { Comparison } from './comparison.js';
import { isSameJson, jsonOf } from './json.js';

const WHERE = TOPICS.profiles.name;

interface Row {
  readonly key: string;
  readonly version: number;
  readonly body: Uint8Array;
  readonly lastVersion: number;
  /** Of the last record, where that is not of the highest version. */
  readonly lastBody: Uint8Array | null;
}

type Body = Partial<ProfileMessage> & Partial<MergedProfileMessage> & Partial<EmptyProfileMessage>;

const COLUMNS = 'key, version, body, last_version AS lastVersion, last_body AS lastBody';

/**
 * Compares profiles one by one with what the log says of them. What is not compared: traits whose rule is building, by which
 * nothing is told yet, and those of which a rule keeps less than was sent.
 */
export function profileComparison(
  comparison: Comparison,
  rules: Rules,
  activations: Activations,
): (history: History) => void {
  const ruled = Map.groupBy(
    [...rules].map(([key, strategy]) => {
      const { workspaceId, id: name } = parseScopedKey(key);
      const isKnown = activations.isKnown(workspaceId, aggregatesOfMerge(name, strategy));
      return { workspaceId, name, strategy, isKnown };
    }),
    ({ workspaceId }) => workspaceId,
  );
  const find = comparison.scratch.db.prepare(`SELECT ${COLUMNS} FROM profiles WHERE key = ?`);
  const groupsOf = groupsReader(comparison.scratch);
  return (history) => {
    comparison.count('profiles');
    const row = find.get(history.profile) as unknown as Row | undefined;
    const { workspaceId } = parseScopedKey(history.profile);
    const [known, building] = partedBy(ruled.get(workspaceId) ?? [], ({ isKnown }) => isKnown);
    const merges = new Map(known.map(({ name, strategy }) => [name, strategy]));
    const beyond = known.filter(({ name, strategy }) => mergedOf(name, strategy, history)?.isBeyond);
    const leftOut = new Set([...building, ...beyond].map(({ name }) => name));
    for (const { expected, found } of faultsOf(history, row, {
      merges,
      leftOut,
      groups: groupsOf(history.profile),
    })) {
      const { profile: key } = history;
      comparison.differ({ subject: 'profiles', key, where: WHERE, expected, found }, () =>
        eventsBehind(history),
      );
    }
  };
}

function partedBy<T>(all: readonly T[], is: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(is), all.filter((one) => !is(one))];
}

type Groups = ReturnType<ReturnType<typeof groupsReader>>;

interface Besides {
  readonly merges: MergesOf;
  readonly leftOut: ReadonlySet<string>;
  readonly groups: Groups;
}

function* faultsOf(history: History, row: Row | undefined, { merges, leftOut, groups }: Besides) {
  const expected = withGroups(profileOf(history, merges), groups);
  const found = row && (jsonOf(row.body) as Body);
  if (!expected) {
    if (found && found.mergedInto === undefined && !found.empty)
      yield { expected: 'no profile: nobody is in it', found };
    return;
  }
  if (!row || !found) {
    yield { expected, found: 'no record' };
    return;
  }
  if (found.mergedInto !== undefined) {
    yield { expected, found: { mergedInto: found.mergedInto } };
    return;
  }
  if (found.empty) {
    yield { expected, found: { empty: true } };
    return;
  }
  for (const [part, value] of Object.entries(expected)) {
    const isOfTraits = part === 'traits' || part === 'traitSources';
    const of = (one: unknown) =>
      isOfTraits ? without(one as Readonly<Record<string, unknown>>, leftOut) : one;
    const said = found[part as keyof typeof expected];
    if (!isSameJson(of(value), of(said))) yield { expected: { [part]: value }, found: { [part]: said } };
  }
  if (isBuried(row)) yield buried(row);
}

function without(traits: Readonly<Record<string, unknown>> | undefined, names: ReadonlySet<string>) {
  return traits && Object.fromEntries(Object.entries(traits).filter(([name]) => !names.has(name)));
}

function withGroups(profile: ExpectedProfile, { groups, isTruncated }: Groups) {
  if (!profile) return undefined;
  const truncated = [...(profile.truncated ?? []), ...(isTruncated ? ['groups'] : [])].sort();
  return { ...profile, groups, truncated: truncated.length > 0 ? truncated : undefined };
}

/** A lower version that says the same, as after a rebuild that came to a profile by another way, does no harm. */
function isBuried({ version, body, lastVersion, lastBody }: Row): boolean {
  if (lastVersion >= version || lastBody === null) return false;
  const { version: _version, at: _at, ...said } = jsonOf(body) as Body;
  const { version: _lastVersion, at: _lastAt, ...last } = jsonOf(lastBody) as Body;
  return !isSameJson(said, last);
}

const buried = ({ version, lastVersion }: Row) => ({
  expected: `version ${version} as the last record of the key`,
  found: `version ${lastVersion}, which compaction would keep`,
});

const RETIRED = `SELECT ${COLUMNS} FROM profiles p
  WHERE NOT EXISTS (SELECT 1 FROM identifiers i WHERE i.profile = p.key)`;
const MOVED_HERE = `SELECT a.formerly FROM identifiers i JOIN assignments a ON a.key = i.key
  WHERE i.profile = ?`;

/** Profiles to which nobody belongs have to say into which they were merged. */
export function compareRetiredProfiles(comparison: Comparison): void {
  const { db } = comparison.scratch;
  const movedHere = db.prepare(MOVED_HERE);
  for (const row of db.prepare(RETIRED).iterate() as unknown as Iterable<Row>) {
    if (!comparison.isSampled(row.key) || comparison.isLeftOut(row.key)) continue;
    const body = jsonOf(row.body) as Body;
    const into = scopedKey(body.workspaceId ?? '', body.mergedInto ?? '');
    const moved = movedHere.all(into) as { readonly formerly: string }[];
    comparison.count('retired profiles');
    const isRight = moved.some(({ formerly }) => (JSON.parse(formerly) as string[]).includes(row.key));
    if (isRight && !isBuried(row)) continue;
    const said = isRight
      ? buried(row)
      : { expected: 'merged into a profile with an identifier that was in this one', found: body };
    comparison.differ({ subject: 'profiles', key: row.key, where: WHERE, ...said });
  }
}
