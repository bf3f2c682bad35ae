import { valueOf, type Identifier } from '@tributary/kernel';

/** A table with rows of a person. */
export interface PersonTable {
  readonly table: string;
  /** Which rows are of the workspace, where no column says so. */
  readonly mine?: string;
  /** Which rows are the person's. */
  readonly where: string;
  /** Which of them are of what was received up to the erasure; the others are of somebody who came back. */
  readonly before: string;
}

/** Whom the conditions are about. */
export interface RowsOf {
  readonly identifiers: readonly Identifier[];
  /** None that anybody else has. */
  readonly profiles: readonly string[];
}

/** Where the erasures of a person lie in the event log: of each partition the next offset behind the last of them. */
export interface Cut {
  readonly until: string;
  readonly events: ReadonlyMap<number, number>;
}

const OF_IDENTIFIER = 'identifier IN {identifiers:Array(String)}';
const OF_PROFILE = 'profile_id IN {profiles:Array(String)}';
const UNTIL = "parseDateTime64BestEffort({until:String}, 3, 'UTC')";
const EVENT_BEFORE = `(received_at <= ${UNTIL}
  OR kafka_offset < transform(kafka_partition, {cutPartitions:Array(UInt16)}, {cutOffsets:Array(UInt64)}, toUInt64(0)))`;
const PROFILE_BEFORE = `(at <= ${UNTIL} OR JSONExtractString(profile, 'firstSeenAt') <= {until:String})`;
const MINE = 'workspace_id = {workspaceId:String}';

/** In the order in which they are emptied: what reads another to know its rows comes before it. */
export const PERSON_TABLES: readonly PersonTable[] = [
  {
    table: 'plan_violations',
    where: `(kafka_partition, kafka_offset) IN (
      SELECT kafka_partition, kafka_offset FROM events_log WHERE ${MINE} AND ${OF_IDENTIFIER})`,
    before: EVENT_BEFORE,
  },
  { table: 'events_log', where: OF_IDENTIFIER, before: EVENT_BEFORE },
  { table: 'profiles', where: OF_PROFILE, before: PROFILE_BEFORE },
  { table: 'profiles_by_day', where: OF_PROFILE, before: PROFILE_BEFORE },
  { table: 'audience_memberships', where: OF_PROFILE, before: `(since <= ${UNTIL} OR NOT member)` },
  { table: 'audience_changes_log', where: OF_PROFILE, before: `(at <= ${UNTIL} OR cause = 'erasure')` },
  {
    table: 'rejected_events',
    where: 'multiSearchAnyCaseInsensitive(tryBase64Decode(raw), {texts:Array(String)})',
    before: `received_at <= ${UNTIL}`,
  },
  {
    table: 'refused_rows',
    mine: "startsWith(key, concat({workspaceId:String}, '/'))",
    where: `(substring(key, length({workspaceId:String}) + 2) IN {identifiers:Array(String)}
      OR substring(key, length({workspaceId:String}) + 2) IN {profiles:Array(String)}
      OR multiSearchAnyCaseInsensitive(tryBase64Decode(value_base64), {texts:Array(String)}))`,
    // When a record came to be refused says nothing of when it was received.
    before: 'true',
  },
  {
    table: 'identity_links',
    where: '(a IN {identifiers:Array(String)} OR b IN {identifiers:Array(String)})',
    before: `first_seen <= ${UNTIL}`,
  },
  { table: 'identity_assignments', where: OF_IDENTIFIER, before: `at <= ${UNTIL}` },
  { table: 'profile_identifiers', where: OF_IDENTIFIER, before: `at <= ${UNTIL}` },
  {
    table: 'identity_map',
    where: OF_IDENTIFIER,
    before: `identifier NOT IN (SELECT identifier FROM identity_assignments WHERE ${MINE} AND ${OF_IDENTIFIER})`,
  },
];

/** What the conditions are asked with. */
export function parametersOf({ identifiers, profiles }: RowsOf, cut?: Cut) {
  return {
    identifiers,
    profiles,
    // As JSON has a value: within its quotes, so that no longer one is meant.
    texts: identifiers.map((one) => JSON.stringify(valueOf(one))).slice(0, MOST_TEXTS),
    ...(cut && {
      until: cut.until,
      cutPartitions: [...cut.events.keys(), NO_PARTITION],
      cutOffsets: [...cut.events.values(), 0],
    }),
  };
}

/** ClickHouse searches for so many texts at once. */
const MOST_TEXTS = 255;
/** So that the lists are never empty. */
const NO_PARTITION = 65_535;
/** The workspace's rows that a condition names. */
export const ofPerson = ({ mine = MINE, where }: PersonTable) => `${mine} AND ${where}`;
/** Those of them that an erasure takes away. */
export const beforeErasure = (table: PersonTable) => `${ofPerson(table)} AND ${table.before}`;
