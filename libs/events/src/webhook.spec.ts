import { describe, expect, it } from '@jest/globals';
import { compileExpression } from './expression.js';
import { compileWebhook, type WebhookRules } from './webhook.js';

function callsOf(rules: WebhookRules, body: unknown) {
  const webhook = compileWebhook(rules);
  if (!webhook.ok) throw new Error(JSON.stringify(webhook.error));
  return webhook.value(body);
}

const rules: WebhookRules = {
  items: 'orders',
  type: 'track',
  event: "'Order Paid'",
  messageId: 'id',
  timestamp: 'paid_at',
  userId: 'customer.id',
  externalIds: { shop: 'customer.number' },
  properties: { total: 'amount', lines: 'lines[].sku' },
};

describe('a webhook', () => {
  it('makes a call of each item', () => {
    const orders = [
      {
        id: 'o1',
        paid_at: '2026-01-02',
        customer: { id: 'u1', number: 7 },
        amount: 5,
        lines: [{ sku: 'a' }],
      },
      { id: 'o2', customer: { id: 'u2' } },
    ];
    expect(callsOf(rules, { orders })).toEqual({
      ok: true,
      value: [
        {
          type: 'track',
          event: 'Order Paid',
          messageId: 'o1',
          timestamp: '2026-01-02',
          userId: 'u1',
          properties: { total: 5, lines: ['a'] },
          context: { externalIds: [{ id: 7, type: 'shop', collection: 'users', encoding: 'none' }] },
        },
        { type: 'track', event: 'Order Paid', messageId: 'o2', userId: 'u2' },
      ],
    });
  });

  it('takes the whole body where no items are named, and each of a list', () => {
    const whole: WebhookRules = { type: 'identify', userId: 'id', traits: '@' };
    expect(callsOf(whole, { id: 'u1' })).toMatchObject({ value: [{ userId: 'u1', traits: { id: 'u1' } }] });
    expect(callsOf(whole, [{ id: 'u1' }, { id: 'u2' }])).toMatchObject({
      value: [{ userId: 'u1' }, { userId: 'u2' }],
    });
  });

  it('says that it finds nothing, and why', () => {
    expect(callsOf(rules, { orders: [] })).toMatchObject({ ok: false });
    expect(callsOf({ type: 'track', userId: 'id' }, { no: 1 })).toMatchObject({ ok: false });
    expect(callsOf({ type: 'track', userId: 'sum(id)' }, { id: 'x' })).toEqual({
      ok: false,
      error: expect.stringContaining('userId: ') as unknown,
    });
  });

  it('names every expression that is none', () => {
    expect(compileWebhook({ type: 'track', userId: '[', properties: { a: 'ok', b: '{{' } })).toMatchObject({
      ok: false,
      error: [{ field: 'userId' }, { field: 'properties.b' }],
    });
  });
});

describe('an expression', () => {
  it.each([
    ['too long', 'a.'.repeat(600) + 'a'],
    ['nested too deep', 'not_null('.repeat(40) + 'a' + ')'.repeat(40)],
    ['growing', Array(8).fill('[@, @]').join(' | ')],
    ['growing in its parts', Array(5).fill('{a: @, b: @, c: @}.*[]').join('.')],
    ['of the root', '$.a'],
    ['padding', "pad_left('a', `1000000000`, ' ')"],
    ['with variables', 'let $a = @ in $a'],
    ['of an unknown function', 'unknown(@)'],
  ])('that is %s is refused', (_, text) => {
    expect(compileExpression(text).ok).toBe(false);
  });

  it.each([
    'a.b',
    'a[0].b',
    'a[?b > `1`].c | [0]',
    "join(', ', a[].b)",
    '{a: x, b: y}',
    "not_null(a, b, 'none')",
    'sort_by(a, &b)[-1]',
  ])('may be %s', (text) => {
    expect(compileExpression(text)).toMatchObject({ ok: true });
  });
});
