import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { CALL_TYPES, type CallType } from '../event.js';
import { parseExactly } from '../exact-json.js';
import { isJsonObject } from '../json.js';
import { normalise } from '../normalise.js';
import { asItIs, normaliser, type NormalisationStep, type NormaliserOf } from '../normaliser.js';
import { parseInstant } from '../timestamps.js';
import { CallSlices } from './call-slices.js';
import { sliceRequest } from './request-slices.js';
import { CallSlicer } from './slice-call.js';

const odd = fc.constantFrom(
  '',
  'null',
  '0',
  'u1',
  'a:b',
  'x'.repeat(600),
  ' A@b.c ',
  'U1',
  'é',
  'Zoe\u0308',
  '"',
  '\\',
  '\ud800',
);
const id = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z0-9-]{1,12}$/) },
  odd,
  fc.integer(),
  fc.constant(null),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-0, 1e21, 2 ** 53 + 2, 0.1));
const scalar = fc.oneof(odd, fc.string(), number, fc.boolean(), fc.constant(null));
const object = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('email', 'phone', '__proto__', 'a', 'a.b', 'b')),
  fc.oneof(scalar, fc.jsonValue({ maxDepth: 3 })),
  { maxKeys: 5 },
);
const context = fc.record(
  {
    traits: fc.oneof(object, scalar),
    externalIds: fc.array(fc.record({ id, type: fc.constantFrom('crm', 'email', 'a b') }), { maxLength: 3 }),
    tributary: fc.constant({ flags: [] }),
    device: fc.record({ id, advertisingId: id, type: fc.constantFrom('ios', 'Android', 'tv') }),
    os: fc.record({ name: fc.constantFrom('iOS', 'x') }),
    ip: fc.oneof(fc.constant('192.0.2.9'), scalar),
    userAgent: fc.oneof(fc.constant('Mozilla/5.0'), scalar),
    page: object,
  },
  { requiredKeys: [] },
);
const time = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .date({ min: new Date(0), max: new Date('2030-01-01'), noInvalidDate: true })
      .map((d) => d.toISOString()),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '2026-01-02',
      '2026-01-02T03:04:05+02:00',
      'yesterday',
      '',
      null,
      1_767_225_600_000,
    ),
  },
);
const call = fc.record(
  {
    type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...CALL_TYPES) }, fc.constantFrom('trak', 1)),
    messageId: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, id),
    event: fc.oneof({ weight: 5, arbitrary: fc.string({ minLength: 1 }) }, scalar),
    name: fc.oneof(fc.string(), scalar),
    userId: id,
    anonymousId: id,
    previousId: id,
    groupId: id,
    properties: fc.oneof({ weight: 5, arbitrary: object }, scalar),
    traits: fc.oneof({ weight: 5, arbitrary: object }, scalar),
    context: fc.oneof({ weight: 9, arbitrary: context }, scalar),
    timestamp: time,
    originalTimestamp: time,
    sentAt: time,
    integrations: object,
    category: scalar,
  },
  { requiredKeys: ['type', 'messageId'] },
);
const plain = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(fc.string(), fc.nat(), fc.boolean(), fc.constant(null), fc.array(fc.nat())),
);
const usual = fc.record({
  type: fc.constant('track'),
  event: fc.constantFrom('Bought', 'Said\n"hi"'),
  messageId: fc.uuid(),
  userId: fc.uuid(),
  properties: plain,
  context: fc.record({ page: plain, traits: fc.record({ email: fc.constantFrom('A@b.c', 'x') }) }),
  timestamp: fc.constant('2017-01-02T03:04:05.000Z'),
});
const rules = fc.dictionary(
  fc.constantFrom('user_id', 'anonymous_id', 'email', 'phone', 'crm', 'ios.id'),
  fc.subarray<NormalisationStep>(['trim', 'nfc', 'lowercase']).map(normaliser),
);
const normaliserOf: fc.Arbitrary<NormaliserOf> = rules.map(
  (known) => (namespace) => (Object.hasOwn(known, namespace) ? known[namespace]! : asItIs),
);
const server = fc.record(
  {
    normaliserOf,
    ip: fc.constant('192.0.2.1'),
    userAgent: fc.constant('Mozilla/5.0 "ä"'),
    receivedAt: fc.integer({ min: 1_500_000_000_000, max: 2_000_000_000_000 }),
    sequence: fc.nat(),
  },
  { requiredKeys: ['receivedAt', 'sequence', 'normaliserOf'] },
);
type Server = typeof server extends fc.Arbitrary<infer T> ? T : never;

const head = '{"workspaceId":"w","sourceId":"s"';

/** What the slices give of each call; undefined for one that they leave to `normalise`, or for the whole request. */
function sliced(body: Buffer, known: Server, type?: CallType) {
  const slices = new CallSlices();
  const request = sliceRequest(body, type === undefined, slices);
  if (!request) return undefined;
  const slicer = new CallSlicer(body, slices, { head, ...known, ...request, type });
  return Array.from({ length: slices.count }, (_, i) => slicer.slice(i));
}

function inFull(body: Buffer, known: Server, type?: CallType) {
  const parsed = parseExactly(body.toString('utf8')) as { batch?: unknown[]; sentAt?: unknown };
  const sentAt = type === undefined ? parseInstant(parsed.sentAt) : undefined;
  const calls = type === undefined ? (parsed.batch ?? []) : [{ ...parsed, type }];
  const fixed = { workspaceId: 'w', sourceId: 's', newMessageId: () => 'made', requestBytes: body.length };
  return calls.map((one, place) =>
    normalise(one, {
      ...fixed,
      ...known,
      sequence: known.sequence + place,
      ...(sentAt === undefined ? {} : { sentAt }),
    }),
  );
}

function expectAlike(body: Buffer, known: Server, type?: CallType): number {
  const found = sliced(body, known, type);
  if (!found) return 0;
  const expected = inFull(body, known, type);
  expect(found).toHaveLength(expected.length);
  for (const [i, event] of found.entries()) {
    if (!event) continue;
    const { json, ...beside } = event;
    const full = expected[i];
    if (!full?.ok) throw new Error(`accepted ${json.toString()}, refused as ${JSON.stringify(full?.error)}`);
    const { type: is, messageId, receivedAt, identifiers } = full.value;
    expect(beside).toEqual({
      type: is,
      messageId,
      receivedAt,
      identifiers,
      identifiersText: JSON.stringify(identifiers),
    });
    expect(JSON.parse(json.toString('utf8'))).toEqual(JSON.parse(JSON.stringify(full.value)));
  }
  return found.filter(Boolean).length;
}

const spaced = fc.constantFrom(undefined, 1, '\t');

describe('CallSlicer', () => {
  it('writes of a batch what normalise makes of it, call by call', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(call, usual), { minLength: 1, maxLength: 4 }),
        time,
        server,
        spaced,
        (batch, sentAt, known, space) => {
          expectAlike(Buffer.from(JSON.stringify({ batch, sentAt, writeKey: 'k' }, undefined, space)), known);
        },
      ),
      { numRuns: propertyRuns(1_000) },
    );
  });

  it('writes of a call of its own what normalise makes of it', () => {
    fc.assert(
      fc.property(fc.oneof(call, usual), fc.constantFrom(...CALL_TYPES), server, (one, type, known) => {
        expectAlike(Buffer.from(JSON.stringify(one)), known, type);
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });

  it('slices the usual calls', () => {
    fc.assert(
      fc.property(usual, server, (one, known) => {
        expect(expectAlike(Buffer.from(JSON.stringify({ batch: [one] })), known)).toBe(1);
      }),
    );
  });

  it.each([
    ['"Bought "', 0],
    ['"\\tBought"', 0],
    ['"Bought\\n"', 0],
    ['"Bought\\u0020"', 0],
    ['"\u00a0Bought"', 0],
    ['"Bought\u2003"', 0],
    ['"Bought\\n!"', 1],
    ['"\\"Bought\\""', 1],
    ['"Ä Ö"', 1],
    ['"B"', 1],
  ])('leaves to normalise a name with white space around it, and no other: %s', (name, expected) => {
    const one = `{"type":"track","event":${name},"messageId":"m","userId":"u"}`;
    const known = fc.sample(server, 1)[0];
    if (!known) throw new Error('no server');
    expect(expectAlike(Buffer.from(`{"batch":[${one}]}`), known)).toBe(expected);
  });

  it('leaves to JSON.parse whatever is no JSON', () => {
    const bodies = fc.tuple(
      fc.oneof(usual, call),
      fc.nat(),
      fc.nat(),
      fc.constantFrom(...'{}[]",:\\ x\n0-.eE+tu'.split(/(?:)/u)),
    );
    fc.assert(
      fc.property(bodies, server, ([one, at, length, by], known) => {
        const text = JSON.stringify({ batch: [one] });
        const from = at % text.length;
        const broken = Buffer.from(text.slice(0, from) + by + text.slice(from + (length % 3)));
        let parsed: unknown;
        try {
          parsed = JSON.parse(broken.toString('utf8'));
        } catch {
          expect(sliced(broken, known)).toBeUndefined();
          return;
        }
        if (isJsonObject(parsed) && Array.isArray(parsed.batch) && !('context' in parsed))
          expectAlike(broken, known);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it('leaves to the parser what readers of the bytes would not read alike', () => {
    const literal = fc.oneof(
      fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?$/),
      fc.constantFrom(
        '1',
        '"x"',
        '{}',
        '"\\ud83d\\ude00"',
        '"\\ud83d"',
        '"\\udc00\\ud83d"',
        '[{"a":1,"a":2}]',
      ),
    );
    const members = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'a.b', 'a.b.c', 'b.c'), literal), {
      maxLength: 4,
    });
    const text = (all: readonly (readonly [string, string])[]) =>
      `{${all.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
    const nested = fc.tuple(members, members).map(([outer, inner]) => text([...outer, ['a', text(inner)]]));
    fc.assert(
      fc.property(nested, fc.oneof(members.map(text), nested), server, (properties, context, known) => {
        const call = `{"type":"track","event":"E","messageId":"m","userId":"u","properties":${properties},"context":${context}}`;
        const body = Buffer.from(`{"batch":[${call}]}`);
        if (expectAlike(body, known) === 0) return;
        const { json } = sliced(body, known)?.[0] ?? {};
        const keys = [...(json?.toString() ?? '').matchAll(/"([abc.]+)":/g)].length;
        expect(JSON.stringify(JSON.parse(String(json))).match(/"([abc.]+)":/g) ?? []).toHaveLength(keys);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });
});
