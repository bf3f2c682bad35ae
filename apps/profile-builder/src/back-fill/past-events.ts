import type { Aggregate, Filter, MatchableEvent, Occurring } from '@tributary/audiences';
import type { ClickHouseClient } from '@tributary/clickhouse';

type Selected = Pick<Aggregate, 'call' | 'name' | 'where' | 'value'>;

/** The events of a workspace in some partitions of `events.v1` that one of these aggregates may be about. */
export interface PastOf {
  readonly workspaceId: string;
  readonly partitions: readonly number[];
  /** None at or behind this offset. */
  readonly before: number;
  readonly aggregates: readonly Selected[];
}

/** Behind which row of the table to go on; with `id`, among those of the identifier. */
export interface Cursor {
  readonly identifier: string;
  readonly id?: string;
}

type Row = readonly [
  identifier: string,
  id: string,
  partition: number,
  offset: number,
  type: string,
  event: string,
  name: string,
  timestamp: number,
  receivedAt: number,
  sequence: number,
  properties: string,
  traits: string,
  context: string,
  messageId: string,
  sourceId: string,
];

const OBJECTS = ['properties', 'traits', 'context'] as const;

const ROWS = (
  coarse: string,
  objects: ReadonlySet<string>,
) => `SELECT identifier, deduplication_id, kafka_partition, kafka_offset, type, event, name,
    toUnixTimestamp64Milli(timestamp), toUnixTimestamp64Milli(received_at), sequence,
    ${OBJECTS.map((object) => (objects.has(object) ? object : "'{}'")).join(', ')},
    message_id, source_id
  FROM events_log FINAL
  PREWHERE workspace_id = {workspace:String} AND identifier >= {identifier:String}
    AND has({partitions:Array(UInt16)}, kafka_partition) AND kafka_offset < {before:UInt64}
  WHERE (identifier > {identifier:String} OR ({isWithin:Bool} AND deduplication_id > {id:String})) AND (${coarse})
  ORDER BY workspace_id, identifier, deduplication_id
  LIMIT {rows:UInt32}`;

/** An event of the past as aggregates read it. Of what a customer sent, nothing is parsed that nobody looks at. */
export class PastEvent implements MatchableEvent {
  readonly identifier: string;
  readonly partition: number;
  readonly offset: number;
  readonly type: string;
  readonly event: string | undefined;
  readonly name: string | undefined;
  readonly occurrence: Occurring;
  readonly #row: Row;
  #properties: Record<string, unknown> | undefined;
  #traits: Record<string, unknown> | undefined;
  #context: Record<string, unknown> | undefined;

  constructor(row: Row) {
    const [identifier, id, partition, offset, type, event, name, time, receivedAt, sequence] = row;
    const [messageId, sourceId] = row.slice(-2) as [string, string];
    this.#row = row;
    this.identifier = identifier;
    this.partition = partition;
    this.offset = offset;
    this.type = type;
    this.event = event === '' ? undefined : event;
    this.name = name === '' ? undefined : name;
    this.occurrence = { time, receivedAt, sequence, id, messageId, sourceId };
  }

  get properties(): Record<string, unknown> {
    return (this.#properties ??= objectIn(this.#row[10]));
  }

  get traits(): Record<string, unknown> {
    return (this.#traits ??= objectIn(this.#row[11]));
  }

  get context(): Record<string, unknown> {
    return (this.#context ??= objectIn(this.#row[12]));
  }
}

/** A page of rows, in the order of identifiers and of ids; how many bytes of customers' data they hold. */
export interface Page {
  readonly events: readonly PastEvent[];
  readonly bytes: number;
  /** Absent where there are no more. */
  readonly next?: Cursor;
}

/** Reads a page of so many rows at most: duplicates are dropped already, the smallest offset stays. */
export async function readPage(
  clickhouse: Pick<ClickHouseClient, 'query'>,
  { workspaceId, partitions, before, aggregates }: PastOf,
  { identifier, id }: Cursor,
  rows: number,
  signal: AbortSignal,
): Promise<Page> {
  const { coarse, names } = coarsely(aggregates);
  const answer = await clickhouse.query({
    query: ROWS(coarse, new Set(aggregates.flatMap(objectsOf))),
    query_params: {
      ...{ workspace: workspaceId, partitions, before, rows, ...names },
      ...{ identifier, id: id ?? '', isWithin: id !== undefined },
    },
    format: 'JSONCompactEachRow',
    abort_signal: signal,
  });
  const found = await answer.json<Row>();
  const last = found.at(-1);
  return {
    events: found.map((row) => new PastEvent(row)),
    bytes: found.reduce((sum, row) => sum + row[10].length + row[11].length + row[12].length, 0),
    ...(last && found.length === rows && { next: { identifier: last[0], id: last[1] } }),
  };
}

/** Type and name of what is selected: what they look for beyond that, the same code looks for that folds live. */
function coarsely(aggregates: readonly Selected[]) {
  const names: Record<string, string> = {};
  const conditions = new Set(
    aggregates.map(({ call, name }, i) => {
      if (call === 'any') return 'true';
      const type = `type = '${call}'`;
      if (name === undefined) return type;
      names[`name${i}`] = name;
      return `${type} AND ${call === 'track' ? 'event' : 'name'} = {name${i}:String}`;
    }),
  );
  return { coarse: [...conditions].join(' OR '), names };
}

/** Which of a customer's objects an aggregate looks into: the others are not read. */
function objectsOf({ call, where, value }: Selected): readonly (typeof OBJECTS)[number][] {
  const sources = [...(where ? sourcesIn(where) : []), ...(value ? [value.from] : [])];
  return sources.flatMap((source) => {
    if (source === 'context') return ['context'];
    if (call === 'any') return ['properties', 'traits'];
    return call === 'identify' || call === 'group' ? ['traits'] : ['properties'];
  });
}

function sourcesIn(filter: Filter): readonly ('property' | 'context')[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.operands.flatMap(sourcesIn);
    case 'not':
      return sourcesIn(filter.operand);
    default:
      return [filter.kind];
  }
}

function objectIn(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}
