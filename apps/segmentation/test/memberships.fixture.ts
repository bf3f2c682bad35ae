import { definitionHash, aggregatesOf, parseQuery, traitNamesOf } from '@tributary/audiences';
import { fragmentKey, messageOf, type MembershipMessage } from '@tributary/contracts';
import { DrivenClock, ProcessorDriver, type DriverOptions, type Fed } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { groupOfFact } from '@tributary/kernel';
import type { Audience } from '../src/audiences/audiences-in-force.js';
import { MEMBERSHIPS } from '../src/memberships/memberships.module.js';
import type { MembershipsState } from '../src/memberships/memberships.processor.js';

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

const config = { SEGMENTATION_CACHE_BYTES: 100 };

/** The processor with these audiences in force, which the spec may change; its clock stands at 1,000,000. */
export function startProcessor(
  audiences: ReadonlyMap<string, Audience>,
  { clock = new DrivenClock(1_000_000), ...surroundings }: DriverOptions = {},
): Promise<ProcessorDriver<MembershipsState>> {
  return ProcessorDriver.declared(MEMBERSHIPS, {
    ...surroundings,
    clock,
    config,
    definitions: { all: audiences },
  });
}

let version = 0;

/** Facts of one identifier, published to the profile `p`, in this order. */
export function fragments(
  facts: Readonly<Record<string, unknown>>,
  { identifier = 'user_id:u', assignment = 0 } = {},
): readonly Fed[] {
  return Object.entries(facts).map(([fact, value]) => {
    version += 1;
    const at = [assignment, fact === '@attached' ? -1 : version];
    const said = { workspaceId: 'w', profileId: 'p', identifier, facts: { [fact]: { version: at, value } } };
    return {
      key: fragmentKey('w', 'p', identifier, groupOfFact(fact)),
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
  return outputs.map((record) => messageOf(record) as MembershipMessage);
}

/** What is published of each audience, with the instant in milliseconds. */
export const published = (outputs: readonly LogRecord[]) =>
  memberships(outputs).map(({ audienceKey, member, cause, since }) => ({
    audienceKey,
    member,
    cause,
    since: Date.parse(since),
  }));
