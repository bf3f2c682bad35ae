import { describe, expect, it } from '@jest/globals';
import { namespaceOf, parseIdentifier } from '@tributary/kernel';
import fc from 'fast-check';
import { batchContextOf } from './batch-context.js';
import { isBlocked } from './blocked-values.js';
import { REASON_CODES } from './errors.js';
import { CALL_TYPES, LIMITS } from './event.js';
import { usualNormaliserOf } from '../test/naming.fixture.js';
import { normalise } from './normalise.js';

const odd = fc.constantFrom(
  '',
  'null',
  '0',
  '[object Object]',
  'u1',
  'a:b',
  'x'.repeat(200),
  '\ud800',
  ' A@b.c ',
);
const scalar = fc.oneof(odd, fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const contact = fc.record({ email: scalar, phone: scalar }, { requiredKeys: [] });
const context = fc.record(
  {
    traits: fc.oneof(contact, scalar),
    externalIds: fc.oneof(fc.array(fc.record({ id: scalar, type: scalar }), { maxLength: 15 }), scalar),
    device: fc.record({ id: scalar, advertisingId: scalar, type: fc.constantFrom('ios', 'Android', 'tv') }),
  },
  { requiredKeys: [] },
);
const time = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.integer({ min: 0, max: 4e12 }),
  scalar,
);
const call = fc.record(
  {
    type: fc.constantFrom(...CALL_TYPES, 'trak', 1),
    event: scalar,
    userId: scalar,
    anonymousId: scalar,
    previousId: scalar,
    groupId: scalar,
    messageId: scalar,
    traits: fc.oneof(contact, fc.jsonValue()),
    properties: fc.jsonValue(),
    context: fc.oneof(context, fc.jsonValue()),
    timestamp: time,
    originalTimestamp: time,
    sentAt: time,
  },
  { requiredKeys: ['type'] },
);
const json = fc.oneof(call, fc.jsonValue()).map((value): unknown => JSON.parse(JSON.stringify(value)));
const server = fc.record({
  workspaceId: fc.constant('w'),
  sourceId: fc.constant('s'),
  receivedAt: fc.integer({ min: 1_500_000_000_000, max: 2_000_000_000_000 }),
  sequence: fc.nat(),
  newMessageId: fc.constant(() => 'made'),
  normaliserOf: fc.constant(usualNormaliserOf),
});
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('normalise', () => {
  it('answers with an event or with reasons, whatever the JSON', () => {
    fc.assert(
      fc.property(json, server, (value, known) => {
        const result = normalise(value, known);
        if (result.ok) return;
        expect(result.error.length).toBeGreaterThan(0);
        for (const { code } of result.error) expect(REASON_CODES).toContain(code);
      }),
    );
  });

  it('gives unique identifiers that name somebody, the user id before all others', () => {
    fc.assert(
      fc.property(json, server, (value, known) => {
        const result = normalise(value, known);
        if (!result.ok) return;
        const { identifiers, userId, anonymousId } = result.value;
        expect(new Set(identifiers).size).toBe(identifiers.length);
        expect(identifiers.length).toBeGreaterThan(0);
        expect(identifiers.length).toBeLessThanOrEqual(LIMITS.identifiers);
        for (const one of identifiers) {
          expect(parseIdentifier(one)).toBe(one);
          expect(one.isWellFormed()).toBe(true);
          expect(isBlocked(one.slice(one.indexOf(':') + 1))).toBe(false);
        }
        const named = (id?: string) => id !== undefined && !isBlocked(id);
        if (named(userId)) expect(namespaceOf(identifiers[0]!)).toBe('user_id');
        else if (named(anonymousId)) expect(namespaceOf(identifiers[0]!)).toBe('anonymous_id');
      }),
    );
  });

  it('lets nothing happen after it was received, and writes every instant alike', () => {
    fc.assert(
      fc.property(json, server, (value, known) => {
        const result = normalise(value, known);
        if (!result.ok) return;
        const { timestamp, originalTimestamp, sentAt, receivedAt } = result.value;
        expect(Date.parse(timestamp)).toBeLessThanOrEqual(known.receivedAt);
        for (const instant of [timestamp, receivedAt, originalTimestamp ?? timestamp, sentAt ?? timestamp])
          expect(instant).toMatch(INSTANT);
      }),
    );
  });

  it('is the same for a call and for the same call as JSON, and changes neither', () => {
    fc.assert(
      fc.property(json, server, (value, known) => {
        const before = JSON.stringify(value);
        const once = normalise(value, known);
        expect(JSON.stringify(value)).toBe(before);
        expect(normalise(JSON.parse(before), known)).toEqual(once);
      }),
    );
  });

  it('finds the same in an event that it made itself', () => {
    fc.assert(
      fc.property(call, server, (value, known) => {
        const once = normalise(value, known);
        if (!once.ok) return;
        const { sentAt: _sentAt, ...event } = once.value;
        expect(normalise(event, known)).toMatchObject({
          ok: true,
          value: { identifiers: event.identifiers, messageId: event.messageId, timestamp: event.timestamp },
        });
      }),
    );
  });
});

describe('batchContextOf', () => {
  it('answers with an object, nothing or a reason, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const result = batchContextOf(value);
        if (result.ok && result.value) expect(typeof result.value.fields).toBe('object');
      }),
    );
  });
});
