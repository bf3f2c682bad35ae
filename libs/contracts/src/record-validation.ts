import { baseOf, groupOfFact, parseScopedKey, scopedKey, type Identifier } from '@tributary/kernel';
import type { Static } from 'typebox';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import {
  accountKey,
  accountsToldKey,
  activeAggregateKey,
  splitId,
  fragmentKey,
  isPartitionKey,
  membershipKey,
  parseFragmentKey,
  RULES_COPY_ID,
  RULES_ID,
  seededKey,
} from './keys.js';
import type { AccountCallMessage, AccountPersonMessage, AccountsToldMessage } from './messages/account.js';
import {
  AggregateFactValue,
  type ActiveAggregateMessage,
  type SeededMessage,
  type SeedMessage,
} from './messages/aggregate.js';
import type {
  MembershipMessage,
  ScoreBordersMessage,
  TraitMessage,
  TraitRuleMessage,
} from './messages/audience.js';
import type { EventMessage } from './messages/event.js';
import type { AssignmentMessage, LinkMessage, PartingMessage } from './messages/identity.js';
import type { SplitMessage, IdentityRulesMessage } from './messages/identity-control.js';
import type { FragmentMessage } from './messages/profile.js';
import { IdentifierText, Instant } from './messages/common.js';
import { isErasure } from './messages/privacy.js';
import { TOPICS } from './topics.js';
import { guardOf, readerOf } from './validation.js';

/** What a validation looks at of a record. */
export interface ValidatedRecord {
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Says what is wrong with a record of a topic, so that no processor could read it; undefined where nothing is. */
export type Validate = (record: ValidatedRecord) => string | undefined;

const isIdentifiers = guardOf(Type.Array(IdentifierText, { minItems: 1, maxItems: 10 }));
const hasForm = guardOf(Instant);
/** The form alone lets a thirteenth month pass. */
const isInstant = (text: unknown) => hasForm(text) && !Number.isNaN(Date.parse(text));
/** Milliseconds since 1970 that a date can have. */
const Time = Type.Number({ minimum: -8.64e15, maximum: 8.64e15 });
const Seen = Type.Object({ first: Time, last: Time, count: Type.Integer({ minimum: 0 }) });
const FACTS = {
  '@attached': Type.Object({ attached: Type.Boolean(), movedTo: Type.Optional(Type.String()) }),
  '@seen': Seen,
  identifier: Seen,
  trait: Type.Object({
    at: Time,
    receivedAt: Time,
    sequence: Type.Optional(Type.Integer({ minimum: 0 })),
    messageId: Type.String(),
    sourceId: Type.String(),
  }),
  account: Type.Object({ since: Time }),
  aggregate: AggregateFactValue,
};
const isFact = new Map(
  Object.entries(FACTS).map(([kind, schema]) => {
    const validator = Compile(schema);
    return [kind, (value: unknown) => validator.Check(value)] as const;
  }),
);

/** Headers, key and body of a record of `events.v1`. */
export const validateEvent: Validate = withValue(TOPICS.events, (record, message) => {
  if (isErasure(record)) return validateErasure(record);
  const { workspaceId, identifiers, timestamp, receivedAt } = message as EventMessage;
  if (!isInstant(timestamp) || !isInstant(receivedAt))
    return 'timestamp or receivedAt is no instant that there is';
  return validateEventHeaders(record) ?? keyIs(record, scopedKey(workspaceId, identifiers[0] ?? ''));
});

/** The headers and key of a record of `events.v1`, for who needs no body. */
export const validateEventHeaders: Validate = (record) => {
  if (isErasure(record)) return validateErasure(record);
  const { schema, identifiers, receivedAt, messageId } = record.headers;
  if (schema !== 'event@1') return `header schema is "${schema ?? ''}": expected event@1`;
  if (!isInstant(receivedAt)) return `header receivedAt is "${receivedAt ?? ''}": expected an instant`;
  if (!messageId) return 'header messageId is missing';
  const first = firstOf(identifiers);
  if (first === undefined) return 'header identifiers is no list of one to ten identifiers';
  return scopeOf(record) ?? keyIs(record, scopedKey(parseScopedKey(record.key).workspaceId, first));
};

/** The headers and key of an erasure. */
function validateErasure(record: ValidatedRecord): string | undefined {
  const { until } = record.headers;
  if (!isInstant(until)) return `header until is "${until ?? ''}": expected an instant`;
  return scopeOf(record);
}

/** The first of a list of identifiers that a header holds; of the lists that came lately it is known. */
function firstOf(text: string | undefined): string | undefined {
  const known = firsts.get(text);
  if (known !== undefined) return known;
  const listed = parsed(text);
  if (text === undefined || !isIdentifiers(listed)) return undefined;
  if (firsts.size >= KNOWN_LISTS) firsts.clear();
  if (text.length <= LONGEST_KNOWN) firsts.set(text, listed[0] ?? '');
  return listed[0];
}

/** With the bound of their lengths, some megabytes. */
const KNOWN_LISTS = 10_000;
const LONGEST_KNOWN = 500;
const firsts = new Map<string | undefined, string>();

/** A record of `identity.links.v1`. */
export const validateLink: Validate = withValue(TOPICS.links, (record, message) => {
  const { workspaceId } = message as LinkMessage;
  const id =
    record.headers.schema === 'rules-copy@1'
      ? RULES_COPY_ID
      : baseOf((message as LinkMessage).to as Identifier);
  return keyIs(record, scopedKey(workspaceId, id));
});

/** A record of `identity.partings.v1`. */
export const validateParting: Validate = withValue(TOPICS.partings, (record, message) => {
  const { workspaceId, identifier } = message as PartingMessage;
  return keyIs(record, scopedKey(workspaceId, identifier));
});

/** A record of `identity.assignments.v1`, or a removal. */
export const validateAssignment: Validate = orRemoved(
  withValue(TOPICS.assignments, (record, message) => {
    const { workspaceId, identifier } = message as AssignmentMessage;
    return keyIs(record, scopedKey(workspaceId, identifier));
  }),
  scopeOf,
);

/** A record of `profile.fragments.v1`, with the shapes of its facts' values, or a removal. */
export const validateFragment: Validate = orRemoved(
  withValue(TOPICS.fragments, (record, message) => {
    const { workspaceId, profileId, identifier, facts } = message as FragmentMessage;
    const groups = new Set<string>();
    for (const [fact, { value }] of Object.entries(facts)) {
      const error = factError(fact, value);
      if (error !== undefined) return error;
      groups.add(groupOfFact(fact));
    }
    const [group, ...others] = groups;
    if (group === undefined) return 'there is no fact';
    if (others.length > 0) return `facts of several groups: ${[...groups].join(', ')}`;
    return keyIs(record, fragmentKey(workspaceId, profileId, identifier, group));
  }),
  fragmentAddressOf,
);

function factError(fact: string, value: unknown): string | undefined {
  const slash = fact.indexOf('/');
  const kind = fact.startsWith('@') || slash < 0 ? fact : fact.slice(0, slash);
  const fits = isFact.get(kind);
  if (!fits) return `fact "${fact}" is of no known kind: ${[...isFact.keys()].join(', ')}`;
  return fits(value) ? undefined : `the value of ${fact} is not that of such a fact`;
}

/** A record of `profile.aggregates.v1`, or a removal. */
export const validateActiveAggregate: Validate = orRemoved(
  withValue(TOPICS.aggregates, (record, message) => {
    const { workspaceId, aggregate, partition } = message as ActiveAggregateMessage;
    return keyIs(record, activeAggregateKey(workspaceId, aggregate, partition));
  }),
  scopeOf,
);

/** A record of `account.facts.v1`. */
export const validateAccountFact: Validate = withValue(TOPICS.accountFacts, (record, message) => {
  if (record.headers.schema === 'accounts-told@1') {
    const { workspaceId, partition } = message as AccountsToldMessage;
    return keyIs(record, accountsToldKey(workspaceId, partition));
  }
  const { at, receivedAt, since, ...of } = message as AccountFact;
  const instants = [at, receivedAt, since].filter((one) => one !== undefined);
  if (!instants.every(isInstant)) return 'at, receivedAt or since is no instant that there is';
  return keyIs(record, accountKey(of.workspaceId, of.groupId));
});

type AccountFact = Pick<AccountCallMessage, 'workspaceId' | 'groupId'> &
  Partial<Pick<AccountCallMessage, 'at' | 'receivedAt'> & Pick<AccountPersonMessage, 'since'>>;

/** A record of `profile.seeds.v1`. */
export const validateSeed: Validate = withValue(TOPICS.seeds, (record, message) => {
  if (record.headers.schema === 'seeded@1') {
    const { workspaceId, aggregate, partition } = message as SeededMessage;
    return keyIs(record, seededKey(workspaceId, aggregate, partition));
  }
  const { workspaceId, identifier } = message as SeedMessage;
  return keyIs(record, scopedKey(workspaceId, identifier));
});

/** A record of `audience.memberships.v1`, an epoch record, or a removal. */
export const validateMembership: Validate = orRemoved(
  withValue(TOPICS.memberships, (record, message) => {
    if (isPartitionKey(record.key) === 'audienceKey' in (message as object))
      return 'an epoch record has a key of its own';
    if (isPartitionKey(record.key)) return undefined;
    const { workspaceId, audienceKey, profileId, since } = message as MembershipMessage;
    if (!isInstant(since)) return 'since is no instant that there is';
    return keyIs(record, membershipKey(workspaceId, audienceKey, profileId));
  }),
  () => undefined,
);

/** A record of `control.identity-rules.v1`, or a removal. */
export const validateIdentityRules: Validate = orRemoved(
  withValue(TOPICS.identityRules, (record, message) =>
    keyIs(record, scopedKey((message as IdentityRulesMessage).workspaceId, RULES_ID)),
  ),
  scopeOf,
);

/** A record of `control.splits.v1`. */
export const validateSplit: Validate = withValue(TOPICS.splits, (record, message) => {
  const { workspaceId, a, b } = message as SplitMessage;
  return a === b ? `${a} is cut from itself` : keyIs(record, scopedKey(workspaceId, splitId(a, b)));
});

/** A record of `control.audiences.v1`, or a removal. */
export const validateAudience: Validate = orRemoved(
  withValue(TOPICS.audiences, (record, message) => {
    const { workspaceId, key } = message as Static<(typeof TOPICS.audiences.schemas)['audience@1']>;
    return keyIs(record, scopedKey(workspaceId, key));
  }),
  scopeOf,
);

/** A record of `control.traits.v1`, or a removal. */
export const validateTrait: Validate = orRemoved(
  withValue(TOPICS.traits, (record, message) => {
    const { workspaceId, key } = message as TraitMessage;
    return keyIs(record, scopedKey(workspaceId, key));
  }),
  scopeOf,
);

/** A record of `control.trait-rules.v1`, or a removal. */
export const validateTraitRule: Validate = orRemoved(
  withValue(TOPICS.traitRules, (record, message) => {
    const { workspaceId, name } = message as TraitRuleMessage;
    return keyIs(record, scopedKey(workspaceId, name));
  }),
  scopeOf,
);

/** A record of `control.score-borders.v1`, or a removal. */
export const validateScoreBorders: Validate = orRemoved(
  withValue(TOPICS.scoreBorders, (record, message) => {
    const { workspaceId, key } = message as ScoreBordersMessage;
    return keyIs(record, scopedKey(workspaceId, key));
  }),
  scopeOf,
);

/**
 * The message of a record, of which it has been validated that it is one: parsed once. Throws where the value is no JSON.
 */
export function messageOf(record: Pick<ValidatedRecord, 'value'>): unknown {
  const known = (record as Parsed)[MESSAGE];
  if (known !== undefined) return known;
  return JSON.parse(record.value?.toString('utf8') ?? '');
}

/** Where a record keeps its message: in a weak map each of them costs the garbage collector as much as parsing it. */
const MESSAGE = Symbol('message');
interface Parsed {
  [MESSAGE]?: unknown;
}

function withValue(
  topic: (typeof TOPICS)[keyof typeof TOPICS],
  then: (record: ValidatedRecord, message: unknown) => string | undefined,
): Validate {
  const read = readerOf(topic);
  return (record) => {
    if (!record.value) return 'there is no value';
    const message = read(record.value, record.headers.schema);
    if (!message.ok) return message.error;
    (record as Parsed)[MESSAGE] = message.value;
    return then(record, message.value);
  };
}

function orRemoved(present: Validate, removed: Validate): Validate {
  return (record) => (record.value ? present(record) : removed(record));
}

function keyIs({ key }: ValidatedRecord, expected: string): string | undefined {
  return key === expected ? undefined : `the key is "${key}" and the value says "${expected}"`;
}

function scopeOf({ key }: ValidatedRecord): string | undefined {
  return key.includes('/') ? undefined : `the key "${key}" has no workspace: expected workspaceId/id`;
}

function fragmentAddressOf(record: ValidatedRecord): string | undefined {
  const noScope = scopeOf(record);
  if (noScope) return noScope;
  const { profileId, identifier, group } = parseFragmentKey(record.key);
  return profileId && identifier && group
    ? undefined
    : `the key "${record.key}" names no facts of an identifier`;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
