import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  claimKey,
  fragmentKey,
  judgeAssignment,
  judgeAudience,
  judgeEvent,
  judgeEventHeaders,
  judgeFragment,
  judgeLink,
  judgeMembership,
  membershipKey,
  messageOf,
  type Judge,
  type JudgedRecord,
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
): JudgedRecord => ({ key, value: value === null ? null : Buffer.from(JSON.stringify(value)), headers });

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
const home: Record<string, unknown> = { ...fixture('fragment@1'), fact: '@home', value: { here: true } };
const address = (fact: string) => fragmentKey('default', text(home.profileId), text(home.identifier), fact);
const fragment = fixture('fragment@1');
fragment.value = { value: 'pro', at: 1, receivedAt: 2, messageId: 'm', sourceId: 's' };

const good: readonly (readonly [string, Judge, JudgedRecord])[] = [
  ['event', judgeEvent, record(eventKey, event, eventHeaders)],
  ['event by its headers', judgeEventHeaders, record(eventKey, event, eventHeaders)],
  [
    'announcement',
    judgeEvent,
    record('a', fixture('leaf-announcement@1'), { schema: 'leaf-announcement@1' }),
  ],
  ['link', judgeLink, record(`${text(link.workspaceId)}/${text(link.to)}`, link)],
  ['assignment', judgeAssignment, record(`default/${text(assignment.identifier)}`, assignment)],
  ['removed assignment', judgeAssignment, record('default/user_id:u', null)],
  ['fragment', judgeFragment, record(address(text(fragment.fact)), fragment)],
  ['home', judgeFragment, record(address('@home'), home)],
  ['removed fragment', judgeFragment, record(address('@home'), null)],
  [
    'membership',
    judgeMembership,
    record(membershipKey('default', text(membership.audienceKey), text(membership.profileId)), membership),
  ],
  ['claim', judgeMembership, record(claimKey(0), fixture('claim@1'), { schema: 'claim@1' })],
  ['audience', judgeAudience, record(`default/${text(audience.key)}`, audience)],
];

const times = { ...eventHeaders, receivedAt: '2026-13-02T03:04:05.678Z' };
const bad: readonly (readonly [string, Judge, JudgedRecord, string])[] = [
  [
    'an event whose body is cut',
    judgeEvent,
    { ...record(eventKey, event, eventHeaders), value: Buffer.from('{"w') },
    'not JSON',
  ],
  [
    'an event of another schema',
    judgeEvent,
    record(eventKey, event, { schema: 'event@9' }),
    'unknown schema',
  ],
  ['an event without headers', judgeEvent, record(eventKey, event), 'header schema is ""'],
  [
    'an event without identifiers',
    judgeEventHeaders,
    record(eventKey, event, { ...eventHeaders, identifiers: '[]' }),
    'header identifiers',
  ],
  [
    'an event of a month that there is not',
    judgeEventHeaders,
    record(eventKey, event, times),
    'header receivedAt',
  ],
  [
    'an event of such a timestamp',
    judgeEvent,
    record(eventKey, { ...event, timestamp: times.receivedAt }, eventHeaders),
    'no instant',
  ],
  [
    "an event under another's key",
    judgeEvent,
    record('default/user_id:other', event, eventHeaders),
    'the key is',
  ],
  [
    'an event without a workspace',
    judgeEventHeaders,
    record('user_id:u', event, eventHeaders),
    'has no workspace',
  ],
  ['an event without a value', judgeEvent, record(eventKey, null, eventHeaders), 'there is no value'],
  ['a link of no kind', judgeLink, record('w/a:b', { ...link, kind: 'other' }), 'link@1'],
  ['a foreign record among links', judgeLink, record('w/a:b', { hello: 'world' }), 'link@1'],
  [
    'an assignment of no version',
    judgeAssignment,
    record('w/a:b', { ...assignment, version: 'x' }),
    '/version',
  ],
  [
    'a fragment of no known fact',
    judgeFragment,
    record(address('other'), { ...home, fact: 'other' }),
    'of no known kind',
  ],
  [
    'a fragment whose value is no home',
    judgeFragment,
    record(address('@home'), { ...home, value: null }),
    'the value of @home',
  ],
  ['a fragment under another fact', judgeFragment, record(address('@seen'), home), 'the key is'],
  ['a removal that names no fact', judgeFragment, record('default/p', null), 'names no fact'],
  ['a membership under a claim', judgeMembership, record(claimKey(0), membership), 'a claim has a key'],
  [
    'a definition that is no object',
    judgeAudience,
    record('default/a', { ...audience, definition: 1 }),
    '/definition',
  ],
];

describe('a judge', () => {
  it.each(good)('lets a record pass that is a good %s', (_, judge, one) => {
    expect(judge(one)).toBeUndefined();
  });

  it.each(bad)('says what is wrong with %s', (_, judge, one, error) => {
    expect(judge(one)).toContain(error);
  });
});

describe('messageOf', () => {
  it('answers with the message that was judged, or else reads it', () => {
    const judged = record(eventKey, event, eventHeaders);
    judgeEvent(judged);
    expect(messageOf(judged)).toBe(messageOf(judged));
    expect(messageOf(record(eventKey, event))).toEqual(event);
  });
});
