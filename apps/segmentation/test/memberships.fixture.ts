import { definitionHash, aggregatesOf, parseQuery, traitNamesOf } from '@tributary/audiences';
import { fragmentKey, TOPICS, type MembershipMessage } from '@tributary/contracts';
import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import { KeyedState, type PartitionStore, type Phases } from '@tributary/state';
import type { Audience } from '../src/audiences/audiences-in-force.js';
import {
  MembershipsProcessor,
  type MembershipsOptions,
  type MembershipsState,
} from '../src/memberships/memberships.processor.js';

/** An audience in force, of a query. */
export function audience(key: string, query: string): Audience {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const definition = parsed.value;
  const facts = [
    ...aggregatesOf(definition).map(({ hash }) => `aggregate/${hash}`),
    ...traitNamesOf(definition).map((name) => `trait/${name}`),
  ];
  return {
    workspaceId: 'w',
    key,
    definition,
    definitionHash: definitionHash(definition),
    facts: new Set(facts),
    definedAt: 0,
  };
}

/** The fact of an audience's first event condition. */
export const aggregateFactOf = ({ definition }: Audience) =>
  `aggregate/${aggregatesOf(definition)[0]?.hash ?? ''}`;

export const inForce = (...audiences: readonly Audience[]) =>
  new Map(audiences.map((each) => [`w/${each.key}`, each]));

/** A processor over a store, restored. Nothing was published before it, unless the options say so. */
export async function startProcessor(
  store: PartitionStore,
  options: Pick<MembershipsOptions, 'now' | 'audiences'> & Partial<MembershipsOptions>,
  state = new KeyedState<MembershipsState>(store, 100),
): Promise<{ readonly processor: MembershipsProcessor; readonly restored: Phases }> {
  const context = {
    partition: 0,
    state,
    store,
    startOf: () => 0,
    wakeAt: () => undefined,
  } as unknown as ConstructorParameters<typeof MembershipsProcessor>[0];
  const processor = new MembershipsProcessor(context, {
    beginEpoch: () => Promise.resolve(0),
    readMemberships: () => Promise.resolve(),
    fragmentsEnd: () => Promise.resolve(0),
    ...options,
  });
  return { processor, restored: await processor.restored() };
}

let offset = 0;

/** Facts of one identifier, published to the profile `p`, in this order. */
export function batch(
  facts: Readonly<Record<string, unknown>>,
  { identifier = 'user_id:u', assignment = 0 } = {},
): PartitionBatch {
  const records = Object.entries(facts).map(([fact, value]): LogRecord => {
    offset += 1;
    const version = fact === '@attached' ? [assignment, -1] : [assignment, offset];
    const published = { workspaceId: 'w', profileId: 'p', identifier, fact, version, value };
    return {
      topic: TOPICS.fragments.name,
      partition: 0,
      offset,
      key: fragmentKey('w', 'p', identifier, fact),
      value: Buffer.from(JSON.stringify(published)),
      headers: {},
      timestamp: 0,
    };
  });
  return { topic: TOPICS.fragments.name, partition: 0, records, endOffset: offset + 1, logEnd: offset + 1 };
}

/** A trait as a fragment has it. */
export const traitFact = (value: unknown, at: number, messageId = 'm') => ({
  value,
  at,
  receivedAt: at,
  messageId,
  sourceId: 's',
});

/** The memberships of what is published. */
export function memberships(phases: Phases): readonly MembershipMessage[] {
  return phases.flat().map(({ value }) => JSON.parse(String(value)) as MembershipMessage);
}

/** What is published of each audience, with the instant in milliseconds. */
export const published = (phases: Phases) =>
  memberships(phases).map(({ audienceKey, member, cause, since }) => ({
    audienceKey,
    member,
    cause,
    since: Date.parse(since),
  }));
