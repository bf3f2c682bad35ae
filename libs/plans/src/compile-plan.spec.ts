import { describe, expect, it } from '@jest/globals';
import { compilePlan } from './compile-plan.js';
import type { JsonObject, OnViolation, Plan } from './plan.js';

const PRICE = {
  type: 'object',
  properties: {
    properties: {
      type: 'object',
      required: ['total'],
      properties: { total: { type: 'number', minimum: 0 }, currency: { enum: ['EUR', 'USD'] } },
      additionalProperties: false,
    },
  },
};

async function planOf(schema: JsonObject, onViolation: OnViolation = 'reject', more: Partial<Plan> = {}) {
  const plan = {
    events: [{ type: 'track', event: 'Bought', schema, onViolation }],
    unplanned: 'allow',
    ...more,
  };
  const compiled = await compilePlan(plan as Plan);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value;
}

const bought = (properties: object) => ({ type: 'track', event: 'Bought', userId: 'ann', properties });

describe('a plan', () => {
  it('lets pass what is as planned, and the very same call', async () => {
    const plan = await planOf(PRICE);
    const call = bought({ total: 1 });
    const validated = plan.validate(call);
    expect(validated).toEqual({ ok: true, value: { call, violations: [] } });
    expect(validated.ok && validated.value.call).toBe(call);
  });

  it('rejects with every place, and what would be right there', async () => {
    const plan = await planOf(PRICE);
    expect(plan.validate(bought({ currency: 'GBP', colour: 'red' }))).toEqual({
      ok: false,
      error: [
        { code: 'plan_violation', field: 'properties.total', message: 'is required' },
        { code: 'plan_violation', field: 'properties.colour', message: 'is not in the plan' },
        {
          code: 'plan_violation',
          field: 'properties.currency',
          message: 'must be equal to one of the allowed values: EUR, USD',
        },
      ],
    });
  });

  it('lets pass and lists, where that is what it says', async () => {
    const plan = await planOf(PRICE, 'allow');
    const call = bought({ total: '1' });
    expect(plan.validate(call)).toEqual({
      ok: true,
      value: {
        call,
        violations: [{ code: 'plan_violation', field: 'properties.total', message: 'must be number' }],
      },
    });
  });

  it('drops the offending properties from a copy and flags them; what is missing is only told', async () => {
    const plan = await planOf(PRICE, 'drop_property');
    const call = bought({ currency: 'GBP', colour: 'red' });
    const validated = plan.validate(call);
    expect(validated).toMatchObject({ ok: true, value: { call: { ...call, properties: {} } } });
    expect(validated.ok && validated.value.violations.map(({ field, dropped }) => [field, dropped])).toEqual([
      ['properties.total', undefined],
      ['properties.colour', true],
      ['properties.currency', true],
    ]);
    expect(call.properties).toEqual({ currency: 'GBP', colour: 'red' });
  });

  it('drops items of arrays by their places in what was sent', async () => {
    const items = {
      properties: { items: { items: { properties: { price: { type: 'number' } }, required: ['id'] } } },
    };
    const plan = await planOf({ properties: { properties: items } }, 'drop_property');
    const wrong = plan.validate(
      bought({ items: [{ id: 1, price: 'x' }, { id: 2, price: 3 }, { price: true }] }),
    );
    expect(wrong).toMatchObject({
      value: { call: { properties: { items: [{ id: 1 }, { id: 2, price: 3 }, {}] } } },
    });
    const numbers = await planOf(
      { properties: { properties: { properties: { list: { items: { type: 'number' } } } } } },
      'drop_property',
    );
    expect(numbers.validate(bought({ list: ['a', 1, 'b', 2] }))).toMatchObject({
      value: { call: { properties: { list: [1, 2] } } },
    });
  });

  it('drops nothing but members of properties, traits and context', async () => {
    const plan = await planOf(
      { properties: { userId: { type: 'number' }, properties: { type: 'array' } } },
      'drop_property',
    );
    const call = bought({ total: 1 });
    expect(plan.validate(call)).toMatchObject({ ok: true, value: { call } });
  });

  it('speaks of all calls of a type where no entry names the event', async () => {
    const schema = { required: ['properties'] };
    const plan = await planOf(PRICE, 'reject', {
      events: [
        { type: 'track', schema, onViolation: 'reject' },
        { type: 'track', event: 'Left', schema: {}, onViolation: 'reject' },
      ],
    });
    expect(plan.validate({ type: 'track', event: 'Came' }).ok).toBe(false);
    expect(plan.validate({ type: 'track', event: 'Left' }).ok).toBe(true);
  });

  it.each(['allow', 'reject'] as const)(
    'does with what it does not name as it says: %s',
    async (unplanned) => {
      const plan = await planOf(PRICE, 'reject', { unplanned });
      for (const call of [{ type: 'track', event: 'Seen' }, { type: 'identify' }]) {
        const validated = plan.validate(call);
        expect(validated.ok).toBe(unplanned === 'allow');
        expect(validated.ok ? validated.value.violations : validated.error).toEqual([
          {
            code: 'unplanned_event',
            field: call.type === 'track' ? 'event' : 'type',
            message: expect.any(String),
          },
        ]);
      }
    },
  );

  it('leaves to others what is no call', async () => {
    const plan = await planOf(PRICE, 'reject', { unplanned: 'reject' });
    for (const call of [{}, { type: 'trak' }, { type: 'track' }, { type: 7 }])
      expect(plan.validate(call).ok).toBe(true);
  });

  it('lists no more of a call than a reader can use', async () => {
    const plan = await planOf(
      { properties: { properties: { additionalProperties: { type: 'null' } } } },
      'allow',
    );
    const validated = plan.validate(
      bought(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}`, i]))),
    );
    expect(validated.ok && validated.value.violations).toHaveLength(20);
  });

  it('takes formats, references, patterns and unique items', async () => {
    const plan = await planOf({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $defs: { sku: { type: 'string', pattern: '^[A-Z]{2}\\d+$' } },
      properties: {
        traits: {
          properties: {
            email: { format: 'email' },
            sku: { $ref: '#/$defs/sku' },
            tags: { uniqueItems: true },
          },
        },
      },
    });
    const validate = (traits: object) => plan.validate({ ...bought({}), traits });
    expect(validate({ email: 'ann@example.com', sku: 'AB12', tags: [1, '1', { a: 1, b: 2 }] }).ok).toBe(true);
    const wrong = validate({
      email: 'ann',
      sku: 'ab',
      tags: [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    });
    expect(wrong.ok ? [] : wrong.error.map(({ field }) => field)).toEqual([
      'traits.email',
      'traits.sku',
      'traits.tags',
    ]);
  });

  it('is not thrown off by what nests too deep or is called __proto__', async () => {
    const plan = await planOf(
      { properties: { properties: { properties: { a: { uniqueItems: true } } } } },
      'drop_property',
    );
    const deep = JSON.parse(`{"a":[${'['.repeat(20_000)}${']'.repeat(20_000)},1]}`) as object;
    expect(plan.validate(bought(deep)).ok).toBe(true);
    const strict = await planOf(
      { properties: { properties: { additionalProperties: false } } },
      'drop_property',
    );
    const validated = strict.validate(bought(JSON.parse('{"__proto__":{"polluted":1}}') as object));
    expect(validated).toMatchObject({
      ok: true,
      value: { violations: [{ field: 'properties.__proto__', dropped: true }] },
    });
  });
});
