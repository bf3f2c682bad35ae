import { profileIdSql } from '@tributary/clickhouse';

const COLUMNS = [
  'workspace_id',
  'identifier',
  'message_id',
  'deduplication_id',
  'type',
  'event',
  'name',
  'timestamp',
  'received_at',
  'sequence',
  'original_timestamp',
  'sent_at',
  'source_id',
  'user_id',
  'anonymous_id',
  'previous_id',
  'group_id',
  'identifiers',
  'kafka_partition',
  'kafka_offset',
];
const OBJECTS = ['properties', 'traits', 'context'];

const columnsOf = (alias: string, columns: readonly string[]) =>
  columns.map((column) => `  ${alias}.${column} AS ${column}`).join(',\n');

/**
 * One text that the JSON type refuses must not make a whole table unreadable: it reads as empty there. The type takes
 * the first of several values for one path; so where a name is there twice, or has a dot, the members are turned round,
 * and those with dots put behind: the last counts, and a nested value before a dotted name, as in audiences.
 */
const objectsOf = (alias: string) =>
  OBJECTS.map((object) => `  CAST(${orderedJson(`${alias}.${object}`)}, 'JSON') AS ${object}`).join(',\n');

function orderedJson(text: string): string {
  const names = `JSONExtractKeys(${text})`;
  const isOrdinary = `NOT arrayExists(name -> position(name, '.') > 0, ${names}) AND length(arrayDistinct(${names})) = length(${names})`;
  const members = `arraySort(member -> position(member.1, '.') > 0, arrayReverse(JSONExtractKeysAndValuesRaw(${text})))`;
  const ordered = `concat('{', arrayStringConcat(arrayMap(member -> concat(toJSONString(member.1), ':', member.2), ${members}), ','), '}')`;
  return `multiIf(NOT isValidJSON(${text}), '{}', ${isOrdinary}, ${text}, ${ordered})`;
}

const JSON_SETTINGS =
  'type_json_skip_duplicated_paths = 1, input_format_try_infer_dates = 0, input_format_try_infer_datetimes = 0';

/** `events`: for people; customers' objects in the JSON type (`properties.plan`), made at the read. */
export const EVENT_VIEWS = `CREATE OR REPLACE VIEW events AS
SELECT
${columnsOf('e', COLUMNS)},
${objectsOf('e')}
FROM events_log AS e FINAL
SETTINGS ${JSON_SETTINGS};`;

const OWN_PROFILE = profileIdSql('e.workspace_id', 'e.identifier');

const JOINED = `CREATE OR REPLACE VIEW events_log_by_profile AS
SELECT
  if(ifNull(assigned.profile_id, '') = '', ${OWN_PROFILE}, assigned.profile_id) AS profile_id,
${columnsOf('e', [...COLUMNS, ...OBJECTS])}
FROM events_log AS e FINAL
LEFT ANY JOIN current_assignments AS assigned
  ON assigned.workspace_id = e.workspace_id AND assigned.identifier = e.identifier`;

/**
 * `events_log_by_profile`: for programs, customers' objects as JSON text; `events_by_profile`: for people. The profile
 * is the one that has the identifier now; an identifier that was never assigned is a profile of its own.
 */
export const EVENTS_BY_PROFILE = `${JOINED};

CREATE OR REPLACE VIEW events_by_profile AS
SELECT
  e.profile_id AS profile_id,
${columnsOf('e', COLUMNS)},
${objectsOf('e')}
FROM events_log_by_profile AS e
SETTINGS ${JSON_SETTINGS};`;

/** Both sides lie in the order of identifiers: they are joined as they are read, whichever is the larger. */
export const EVENTS_MERGED_WITH_MAP = `${JOINED}
SETTINGS join_algorithm = 'full_sorting_merge';`;

/**
 * The identifiers of one profile: those that are assigned to it, and the one that it begins with, if that was never
 * assigned. The profile itself names it, among others, and the id says which it is.
 */
const OF_ONE = 'workspace_id = {workspace:String} AND profile_id = {profile:String}';
const IDENTIFIERS_OF_PROFILE = `
  SELECT identifier FROM profile_identifiers FINAL WHERE ${OF_ONE} AND attached
  UNION ALL
  SELECT own FROM (
    SELECT concat(named.namespace, ':', named.value) AS own
    FROM latest_profiles
    ARRAY JOIN JSONExtract(profile, 'identifiers', 'Array(Tuple(namespace String, value String))') AS named
    WHERE ${OF_ONE}
  )
  WHERE ${profileIdSql('{workspace:String}', 'own')} = {profile:String}
    AND own NOT IN (SELECT identifier FROM profile_identifiers WHERE ${OF_ONE})
`;

const ofProfile = (table: string, final = '') => `SELECT
  {profile:String} AS profile_id,
${columnsOf('e', [...COLUMNS, ...OBJECTS])}
FROM ${table} AS e${final}
WHERE e.workspace_id = {workspace:String} AND e.identifier IN (${IDENTIFIERS_OF_PROFILE})`;

/**
 * The events of one profile, `events_of_profile(workspace = …, profile = …)`, read by the primary key of the log, however
 * long that is: its identifiers are found first. As above, `events_log_of_profile` is for programs.
 */
export const EVENTS_OF_PROFILE = `CREATE OR REPLACE VIEW events_log_of_profile AS
${ofProfile('events_log', ' FINAL')};

CREATE OR REPLACE VIEW events_of_profile AS
${ofProfile('events')};`;
