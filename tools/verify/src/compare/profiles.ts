import {
  TOPICS,
  type EmptyProfileMessage,
  type MergedProfileMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import { scopedKey } from '@tributary/kernel';
import { eventsBehind, type History } from '../recompute/history.js';
import { groupsReader } from '../recompute/accounts.js';
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

/** Compares profiles one by one with what the log says of them. */
export function profileComparison(comparison: Comparison): (history: History) => void {
  const find = comparison.scratch.db.prepare(`SELECT ${COLUMNS} FROM profiles WHERE key = ?`);
  const groupsOf = groupsReader(comparison.scratch);
  return (history) => {
    comparison.count('profiles');
    const row = find.get(history.profile) as unknown as Row | undefined;
    for (const { expected, found } of faultsOf(history, row, groupsOf)) {
      const { profile: key } = history;
      comparison.differ({ subject: 'profiles', key, where: WHERE, expected, found }, () =>
        eventsBehind(history),
      );
    }
  };
}

function* faultsOf(history: History, row: Row | undefined, groupsOf: ReturnType<typeof groupsReader>) {
  const expected = withGroups(profileOf(history), groupsOf(history.profile));
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
    const said = found[part as keyof typeof expected];
    if (!isSameJson(value, said)) yield { expected: { [part]: value }, found: { [part]: said } };
  }
  if (isBuried(row)) yield buried(row);
}

function withGroups(
  profile: ExpectedProfile,
  { groups, isTruncated }: ReturnType<ReturnType<typeof groupsReader>>,
) {
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
