import { describe, expect, it } from '@jest/globals';
import { deduplicationIdOf } from './deduplication.js';
import type { JsonObject } from './event.js';

const by = { Ordered: 'properties.order_id', Paid: 'properties.payment.id' };
const idOf = (properties: JsonObject | undefined, event = 'Ordered', type: 'track' | 'page' = 'track') =>
  deduplicationIdOf({ type, event, ...(properties && { properties }) }, by);

describe('deduplicationIdOf', () => {
  it('is the name of the call and the value, a number as its digits', () => {
    expect(idOf({ order_id: 'o-1' })).toBe('["Ordered","o-1"]');
    expect(idOf({ order_id: 1001 })).toBe(idOf({ order_id: '1001' }));
    expect(idOf({ payment: { id: 'p' } }, 'Paid')).toBe('["Paid","p"]');
    expect(idOf({ 'payment.id': 'p' }, 'Paid')).toBe('["Paid","p"]');
  });

  it('is none without a text or a number of a bounded length, and of what the source does not name', () => {
    for (const order_id of ['', null, true, {}, ['o-1'], 'x'.repeat(501), 'é'.repeat(251)])
      expect(idOf({ order_id })).toBeUndefined();
    expect(idOf({})).toBeUndefined();
    expect(idOf(undefined)).toBeUndefined();
    expect(idOf({ order_id: 'o-1' }, 'Refunded')).toBeUndefined();
    expect(idOf({ order_id: 'o-1' }, 'constructor')).toBeUndefined();
    expect(idOf({ order_id: 'o-1' }, 'Ordered', 'page')).toBeUndefined();
  });

  it('is never longer than a messageId, and differs where the value differs', () => {
    const long = (end: string) => idOf({ order_id: 'x'.repeat(499) + end }) ?? '';
    expect(long('a')).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(long('a')).not.toBe(long('b'));
    expect(idOf({ order_id: 'x'.repeat(86) })).toHaveLength(100);
    expect(idOf({ order_id: 'x'.repeat(87) })).toMatch(/^sha256:/);
  });
});
