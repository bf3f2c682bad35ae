import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  epochKey,
  fragmentKey,
  validateAccountFact,
  validateActiveAggregate,
  validateAssignment,
  validateAudience,
  validateEvent,
  validateEventHeaders,
  validateFragment,
  validateLink,
  validateMembership,
  validateSeed,
  membershipKey,
  messageOf,
  type Validate,
  type ValidatedRecord,
} from './index.js';

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >;

const record = (
  key: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): ValidatedRecord => ({ key, value: value === null ? null : Buffer.from(JSON.stringify(value)), headers });

const text = (value: unknown) => String(value);
const event = fixture('event@1');
const [primary] = event.identifiers as readonly string[];
const eventKey = `${text(event.workspaceId)}/${text(primary)}`;
const eventHeaders = {
  schema: 'event@1',
  messageId: text(event.messageId),
  receivedAt: text(event.receivedAt),
  identifiers: JSON.stringify(event.identifiers),
};
const link = fixture('link@1');
const assignment = fixture('assignment@1');
const membership = fixture('membership@1');
const audience = fixture('audience@1');
const home: Record<string, unknown> = {
  ...fixture('fragment@1'),
  facts: { '@attached': { version: [0, -1], value: { attached: true } } },
};
const address = (group: string) => fragmentKey('default', text(home.profileId), text(home.identifier), group);
const fragment = fixture('fragment@1');
const occurrences = fixture('seed@1').part;
const counted = {
  ...home,
  facts: {
    'aggregate/310c9fb5e0b9291d': {
      version: [0, 9, 4],
      value: { generation: 7, bound: 2, live: occurrences },
    },
  },
};

const good: readonly (readonly [string, Validate, ValidatedRecord])[] = [
  ['event', validateEvent, record(eventKey, event, eventHeaders)],
  ['event by its headers', validateEventHeaders, record(eventKey, event, eventHeaders)],
  [
    'active aggregate',
    validateActiveAggregate,
    record('default/310c9fb5e0b9291d/3', fixture('active-aggregate@1')),
  ],
  ['removed aggregate', validateActiveAggregate, record('default/310c9fb5e0b9291d/3', null)],
  ['seed', validateSeed, record('default/user_id:u-1042', fixture('seed@1'))],
  [
    'mark that seeds are in',
    validateSeed,
    record('default/@seeded/5f1d2c3b4a596877/3', fixture('seeded@1'), { schema: 'seeded@1' }),
  ],
  ['counted fragment', validateFragment, record(address('aggregate/310c9fb5e0b9291d'), counted)],
  ['link', validateLink, record(`${text(link.workspaceId)}/${text(link.to)}`, link)],
  ['assignment', validateAssignment, record(`default/${text(assignment.identifier)}`, assignment)],
  ['removed assignment', validateAssignment, record('default/user_id:u', null)],
  ['fragment', validateFragment, record(address('traits'), fragment)],
  ['home', validateFragment, record(address('@'), home)],
  ['removed fragment', validateFragment, record(address('@'), null)],
  [
    'membership',
    validateMembership,
    record(membershipKey('default', text(membership.audienceKey), text(membership.profileId)), membership),
  ],
  ['claim', validateMembership, record(epochKey(0), fixture('epoch@1'), { schema: 'epoch@1' })],
  ['audience', validateAudience, record(`default/${text(audience.key)}`, audience)],
];

const times = { ...eventHeaders, receivedAt: '2026-13-02T03:04:05.678Z' };
const bad: readonly (readonly [string, Validate, ValidatedRecord, string])[] = [
  [
    'an activation by another name',
    validateEvent,
    record('a', fixture('active-aggregate@1'), { schema: 'activation@1' }),
    'unknown schema',
  ],
  [
    "an active aggregate under another partition's key",
    validateActiveAggregate,
    record('default/310c9fb5e0b9291d/4', fixture('active-aggregate@1')),
    'the key is',
  ],
  [
    'a seed of nothing',
    validateSeed,
    record('default/user_id:u-1042', { ...fixture('seed@1'), part: 1 }),
    'seed@1',
  ],
  [
    "a mark that seeds are in under another aggregate's key",
    validateSeed,
    record('default/@seeded/another/3', fixture('seeded@1'), { schema: 'seeded@1' }),
    'the key is',
  ],
  ["a seed under another's key", validateSeed, record('default/user_id:u', fixture('seed@1')), 'the key is'],
  [
    'an aggregate of no entries',
    validateFragment,
    record(address('aggregate/x'), {
      ...home,
      facts: { 'aggregate/x': { version: [0, 1], value: [[1, 'm']] } },
    }),
    'not that of such a fact',
  ],
  [
    'an event whose body is cut',
    validateEvent,
    { ...record(eventKey, event, eventHeaders), value: Buffer.from('{"w') },
    'not JSON',
  ],
  [
    'an event of another schema',
    validateEvent,
    record(eventKey, event, { schema: 'event@9' }),
    'unknown schema',
  ],
  ['an event without headers', validateEvent, record(eventKey, event), 'header schema is ""'],
  [
    'an event without identifiers',
    validateEventHeaders,
    record(eventKey, event, { ...eventHeaders, identifiers: '[]' }),
    'header identifiers',
  ],
  [
    'an event of a month that there is not',
    validateEventHeaders,
    record(eventKey, event, times),
    'header receivedAt',
  ],
  [
    'an event of such a timestamp',
    validateEvent,
    record(eventKey, { ...event, timestamp: times.receivedAt }, eventHeaders),
    'no instant',
  ],
  [
    "an event under another's key",
    validateEvent,
    record('default/user_id:other', event, eventHeaders),
    'the key is',
  ],
  [
    'an event without a workspace',
    validateEventHeaders,
    record('user_id:u', event, eventHeaders),
    'has no workspace',
  ],
  ['an event without a value', validateEvent, record(eventKey, null, eventHeaders), 'there is no value'],
  ['a link of no kind', validateLink, record('w/a:b', { ...link, messages: [{ kind: 'other' }] }), 'link@1'],
  ['a foreign record among links', validateLink, record('w/a:b', { hello: 'world' }), 'link@1'],
  [
    'an assignment of no version',
    validateAssignment,
    record('w/a:b', { ...assignment, version: 'x' }),
    '/version',
  ],
  [
    'a fragment of no known fact',
    validateFragment,
    record(address('@'), { ...home, facts: { other: { version: [0, 0], value: 1 } } }),
    'of no known kind',
  ],
  [
    'a fragment whose value is no home',
    validateFragment,
    record(address('@'), { ...home, facts: { '@attached': { version: [0, -1], value: null } } }),
    'the value of @attached',
  ],
  ['a fragment under another group', validateFragment, record(address('traits'), home), 'the key is'],
  [
    'a fragment of two groups',
    validateFragment,
    record(address('@'), { ...home, facts: { ...(home.facts as object), ...(fragment.facts as object) } }),
    'facts of several groups: @, traits',
  ],
  [
    'a fragment of nothing',
    validateFragment,
    record(address('@'), { ...home, facts: {} }),
    'there is no fact',
  ],
  ['a removal that names no group', validateFragment, record('default/p', null), 'names no facts'],
  [
    'a membership under an epoch record',
    validateMembership,
    record(epochKey(0), membership),
    'an epoch record has a key',
  ],
  [
    'a definition that is no object',
    validateAudience,
    record('default/a', { ...audience, definition: 1 }),
    '/definition',
  ],
];

describe('a validator', () => {
  it.each(good)('lets a record pass that is a good %s', (_, validate, one) => {
    expect(validate(one)).toBeUndefined();
  });

  it.each(bad)('says what is wrong with %s', (_, validate, one, error) => {
    expect(validate(one)).toContain(error);
  });
});

describe('messageOf', () => {
  it('answers with the message that was validated, or else reads it', () => {
    const validated = record(eventKey, event, eventHeaders);
    validateEvent(validated);
    expect(messageOf(validated)).toBe(messageOf(validated));
    expect(messageOf(record(eventKey, event))).toEqual(event);
  });
});

describe('a record of facts of accounts', () => {
  const schema = (name: string) => ({ schema: name });
  const call = fixture('account-call@1');
  const key = 'default/group_id:acme';

  it.each(['account-call@1', 'account-person@1'])('is one where key and value agree: %s', (name) => {
    expect(validateAccountFact(record(key, fixture(name), schema(name)))).toBeUndefined();
    expect(validateAccountFact(record('default/group_id:b', fixture(name), schema(name)))).toContain(
      'the key is "default/group_id:b"',
    );
  });

  it('says which aggregates a partition tells of, under a key of its own', () => {
    const told = fixture('accounts-told@1');
    expect(validateAccountFact(record('default/@told/3', told, schema('accounts-told@1')))).toBeUndefined();
    expect(validateAccountFact(record('default/@told/4', told, schema('accounts-told@1')))).toContain(
      '@told/3',
    );
  });

  it('is none with an instant that there is not, or without a value', () => {
    const wrong = { ...call, at: '2026-13-02T03:04:05.678Z' };
    expect(validateAccountFact(record(key, wrong, schema('account-call@1')))).toContain('no instant');
    expect(validateAccountFact(record(key, null, schema('account-call@1')))).toBe('there is no value');
  });
});
