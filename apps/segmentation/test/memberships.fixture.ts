import {
  aggregatesOf,
  beginAggregate,
  compileAggregate,
  compileValue,
  definitionHash,
  foldOccurrence,
  parseQuery,
  traitNamesOf,
  wantedBy,
  type FoldedAggregate,
} from '@tributary/audiences';
import {
  EpochReader,
  fragmentKey,
  messageOf,
  type AudienceChangeMessage,
  type MembershipMessage,
} from '@tributary/contracts';
import { DrivenClock, ProcessorDriver, type DriverOptions, type Fed } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { groupOfFact } from '@tributary/kernel';
import type { KnownReader } from '@tributary/processing';
import type { Audience } from '../src/audiences/audiences-in-force.js';
import { MEMBERSHIPS } from '../src/memberships/memberships.module.js';
import { MembershipsProcessor, type MembershipsState } from '../src/memberships/memberships.processor.js';

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

/** Whatever a definition reads, all of history is there. */
export const ALL_KNOWN: KnownReader = {
  isKnown: () => true,
  progressOf: () => ({ active: 1, known: 1, partitions: 1 }),
};

const config = { SEGMENTATION_CACHE_BYTES: 100 };

/** The processor with these audiences in force, which the spec may change; its clock stands at 1,000,000. */
export function startProcessor(
  audiences: ReadonlyMap<string, Audience>,
  { clock = new DrivenClock(1_000_000), ...surroundings }: DriverOptions = {},
  declaration = MEMBERSHIPS,
  known: KnownReader = ALL_KNOWN,
): Promise<ProcessorDriver<MembershipsState>> {
  return ProcessorDriver.declared(declaration, {
    ...surroundings,
    clock,
    config,
    definitions: { all: audiences, known },
  });
}

let version = 0;

/** An aggregate as a fragment has it, of occurrences that a spec names by [time, id], latest first. */
const aggregateFact = (occurrences: readonly (readonly [number, string])[]) => ({
  generation: 0,
  bound: 100,
  live: { entries: occurrences.map(([time, id]) => [time, id, time, 0]) },
});

/** The facts of an audience's aggregates in a fragment that these events came to, each [time, value of `x`, id]. */
export function foldedFacts(
  { definition }: Audience,
  events: readonly (readonly [number, unknown, string])[],
): Readonly<Record<string, FoldedAggregate>> {
  const facts = wantedBy(definition).map(({ aggregate, bound }) => {
    const [matches, valueOf] = [compileAggregate(aggregate), compileValue(aggregate)];
    const state = events.reduce(
      (folded, [time, x, id]) => {
        const event = { type: 'track', event: 'Order Completed', properties: { x } };
        if (!matches(event)) return folded;
        return foldOccurrence(aggregate, folded, {
          time,
          receivedAt: time,
          sequence: 0,
          id,
          value: valueOf(event),
        });
      },
      beginAggregate(0, bound, { isNew: true }),
    );
    return [`aggregate/${aggregate.hash}`, state] as const;
  });
  return Object.fromEntries(facts);
}

/** Facts of one identifier, published to a profile, `p` unless given, in this order. */
export function fragments(
  those: Readonly<Record<string, unknown>>,
  { identifier = 'user_id:u', assignment = 0, profileId = 'p' } = {},
): readonly Fed[] {
  return Object.entries(those).map(([fact, value]) => {
    version += 1;
    const at = [assignment, fact === '@attached' ? -1 : version];
    const whole =
      fact.startsWith('aggregate/') && Array.isArray(value) ? aggregateFact(value as never) : value;
    const facts = { [fact]: { version: at, value: whole } };
    const said = { workspaceId: 'w', profileId, identifier, facts };
    return {
      key: fragmentKey('w', profileId, identifier, groupOfFact(fact)),
      value: JSON.stringify(said),
      headers: { schema: 'fragment@1' },
    };
  });
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
export function memberships(outputs: readonly LogRecord[]): readonly MembershipMessage[] {
  return outputs
    .filter(({ headers }) => headers.schema === 'membership@1')
    .map((record) => messageOf(record) as MembershipMessage);
}

/** The changes of what a partition holds, as a reader has them that heeds the rule. */
export function changes(records: readonly LogRecord[]): readonly AudienceChangeMessage[] {
  const reader = new EpochReader();
  return records
    .filter((record) => reader.isNews(record))
    .map((record) => messageOf(record) as AudienceChangeMessage);
}

/** What is published of each audience, with the instant in milliseconds. */
export const published = (outputs: readonly LogRecord[]) =>
  memberships(outputs).map(({ audienceKey, member, cause, since }) => ({
    audienceKey,
    member,
    cause,
    since: Date.parse(since),
  }));

/** The declaration, but that it goes through so many profiles in a step. */
export const goingThrough = (
  keysAtOnce: number,
  onScans?: (partition: number, count: number) => void,
): typeof MEMBERSHIPS => ({
  ...MEMBERSHIPS,
  processor:
    ({ logs, definitions, now }) =>
    (context) =>
      new MembershipsProcessor(context, {
        ...{ now, logs, audiences: definitions.all, known: definitions.known, keysAtOnce },
        ...(onScans && { onScans }),
      }),
});
