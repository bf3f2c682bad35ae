import { describe, expect, it } from '@jest/globals';
import { EventMessage, guardOf, TOPICS, type RejectedMessage } from '@tributary/contracts';
import { compilePlan, type OnViolation, type Plan } from '@tributary/plans';
import { Registry } from 'prom-client';
import { Refusals } from '../admission/refusals.js';
import { BuiltInNormalisers } from '../../test/built-in.normalisers.js';
import { InFlight } from '../log/in-flight.js';
import { InMemoryEventLog } from '../../test/in-memory.event-log.js';
import { RateLimiter } from '../sources/rate-limiter.js';
import { SingleKeySourceRegistry } from '../../test/single-key.source-registry.js';
import type { Source } from '../sources/source-registry.port.js';
import { Pipeline } from './pipeline.js';
import { Publisher } from './publisher.js';
import { IntakeMetrics } from './intake.metrics.js';
import { Reception } from './reception.js';
import { NOBODY_SUPPRESSED } from '../suppressions/suppressions.port.js';

const isEvent = guardOf(EventMessage);
const start = Date.parse('2026-01-02T03:04:05.678Z');
const good = { type: 'track', event: 'Bought', userId: 'ann', properties: { total: 1 } };

/** A pipeline with one source, and what came of what was sent to it. */
function pipelineOf(source: Partial<Source>) {
  let now = start;
  const clock = { now: () => now };
  const log = new InMemoryEventLog();
  const registry = new Registry();
  const sources = new SingleKeySourceRegistry('key', 'w', source);
  const metrics = new IntakeMetrics(registry, new InFlight(1_000_000));
  const rates = new RateLimiter(clock);
  const refusals = new Refusals(sources, clock, rates, metrics);
  const publisher = new Publisher(log, metrics, refusals);
  const pipeline = new Pipeline(
    sources,
    refusals,
    rates,
    new BuiltInNormalisers(),
    new Reception(clock),
    publisher,
    NOBODY_SUPPRESSED,
  );
  return {
    /** What this key is answered before the body is read. */
    refused: (origin?: string) => {
      const refusal = refusals.ofKey('key', origin);
      return refusal && refusals.answer(refusal);
    },
    sources,
    registry,
    pass: (ms: number) => {
      now += ms;
    },
    take: (batch: readonly object[], more: object = {}) =>
      pipeline.take({
        route: '/v1/batch',
        writeKey: 'key',
        body: Buffer.from(JSON.stringify({ batch, context: { locale: 'de' } })),
        ...more,
      }),
    events: () => log.valuesOf(TOPICS.events.name) as EventMessage[],
    headers: () =>
      log.records.filter(({ topic }) => topic === TOPICS.events.name).map(({ headers }) => headers),
    rejected: () => log.valuesOf(TOPICS.rejected.name) as RejectedMessage[],
  };
}

async function planOf(onViolation: OnViolation, unplanned: Plan['unplanned'] = 'allow') {
  const schema = {
    properties: {
      traits: { properties: { email: { format: 'email' } } },
      properties: { properties: { total: { type: 'number' } }, required: ['total'] },
    },
  };
  const plan = await compilePlan({
    events: [{ type: 'track', event: 'Bought', schema, onViolation }],
    unplanned,
  });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return { plan: plan.value };
}

describe('a rate', () => {
  const rateLimit = { eventsPerSecond: 10, burst: 20 };

  it('is kept by refusing batches whole, with the time at which to send again', async () => {
    const { take, events, rejected, pass, registry } = pipelineOf({ rateLimit });
    expect(await take(Array(25).fill(good) as object[])).toMatchObject({ status: 200 });
    expect(await take([good])).toEqual({
      status: 429,
      body: {
        error: { code: 'rate_limited', message: expect.any(String) },
        code: 'rate_limited',
        message: expect.any(String),
      },
      retryAfterSeconds: 1,
      rateLimitReset: Math.ceil((start + 600) / 1_000),
    });
    expect([events().length, rejected().length]).toEqual([25, 0]);
    pass(600);
    expect(await take([good])).toMatchObject({ status: 200 });
    expect(await registry.metrics()).toContain(
      'requests_not_kept_total{source="default",code="rate_limited",workspace="w"} 1',
    );
  });

  it('is looked at before the body is read', async () => {
    const { refused, take } = pipelineOf({ rateLimit });
    expect(refused()).toBeUndefined();
    await take(Array(20).fill(good) as object[]);
    expect(refused()).toMatchObject({ status: 429 });
  });

  it('lets a batch through that is larger than all it allows at once, for what comes after pays', async () => {
    const { take, pass } = pipelineOf({ rateLimit: { eventsPerSecond: 1, burst: 1 } });
    expect(await take(Array(100).fill(good) as object[])).toMatchObject({ status: 200 });
    pass(99_000);
    expect(await take([good])).toMatchObject({ status: 429, retryAfterSeconds: 1 });
    pass(1_000);
    expect(await take([good])).toMatchObject({ status: 200 });
  });
});

describe('the endpoint of a source', () => {
  it('is closed to pages of other origins', async () => {
    const { refused, take, events } = pipelineOf({ allowedOrigins: new Set(['https://shop.example']) });
    expect(refused('https://shop.example')).toBeUndefined();
    const closed = { status: 403, body: { error: { code: 'origin_not_allowed' } } };
    expect(refused('https://other.example')).toMatchObject(closed);
    expect(await take([good], { origin: 'https://other.example' })).toMatchObject(closed);
    expect(events()).toEqual([]);
  });

  it('is closed where the source is disabled', () => {
    expect(pipelineOf({ enabled: false }).refused()).toMatchObject({
      status: 403,
      body: { error: { code: 'source_disabled' } },
    });
  });

  it('says "later" and not "unknown" while it is not known which sources there are', async () => {
    const { take, sources, events } = pipelineOf({});
    sources.isKnown = false;
    expect(await take([good])).toMatchObject({
      status: 503,
      body: { error: { code: 'sources_unknown' } },
      retryAfterSeconds: 1,
    });
    expect(events()).toEqual([]);
  });
});

describe('a property that identifies events', () => {
  const deduplicateBy = { Bought: 'properties.order_id' };
  const bought = (messageId: string, properties: object) => ({ ...good, messageId, properties });

  it('gives events of one value one deduplicationId, in the value and in a header', async () => {
    const { take, events, headers } = pipelineOf({ deduplicateBy });
    await take([bought('browser', { order_id: 1001 }), bought('server', { order_id: '1001' })]);
    const deduplicationId = '["Bought","1001"]';
    expect(events().every((event) => isEvent(event))).toBe(true);
    expect(events()).toMatchObject([
      { messageId: 'browser', deduplicationId },
      { messageId: 'server', deduplicationId },
    ]);
    expect(headers()).toMatchObject([
      { messageId: 'browser', deduplicationId },
      { messageId: 'server', deduplicationId },
    ]);
  });

  it('leaves events without it, and those of other sources, as they are', async () => {
    const { take, events, headers } = pipelineOf({ deduplicateBy });
    await take([bought('without', {}), { ...bought('other', { order_id: 'o' }), event: 'Seen' }]);
    const other = pipelineOf({});
    await other.take([bought('elsewhere', { order_id: 'o' })]);
    for (const each of [...events(), ...headers(), ...other.events(), ...other.headers()])
      expect(each).not.toHaveProperty('deduplicationId');
    expect(events()).toHaveLength(2);
  });

  it('is that of a call of which the plan dropped something, and of none that it rejected', async () => {
    const wrongThenRight = [
      bought('wrong', { order_id: 'o', total: '120' }),
      bought('right', { order_id: 'o', total: 120 }),
    ];
    const dropping = pipelineOf({ deduplicateBy, ...(await planOf('drop_property')) });
    await dropping.take(wrongThenRight);
    const deduplicationId = '["Bought","o"]';
    expect(dropping.events()).toMatchObject([
      { messageId: 'wrong', deduplicationId },
      { messageId: 'right', deduplicationId },
    ]);
    expect(dropping.events()[0]?.properties).toEqual({ order_id: 'o' });
    const rejecting = pipelineOf({ deduplicateBy, ...(await planOf('reject')) });
    await rejecting.take(wrongThenRight);
    expect(rejecting.events()).toMatchObject([{ messageId: 'right', properties: { total: 120 } }]);
    expect(rejecting.rejected()).toHaveLength(1);
  });

  it('says nothing where the plan drops the property', async () => {
    const schema = { properties: { properties: { properties: { order_id: { type: 'string' } } } } };
    const plan = await compilePlan({
      events: [{ type: 'track', event: 'Bought', schema, onViolation: 'drop_property' }],
      unplanned: 'allow',
    });
    if (!plan.ok) throw new Error(JSON.stringify(plan.error));
    const { take, events } = pipelineOf({ deduplicateBy, plan: plan.value });
    await take([bought('number', { order_id: 7 })]);
    expect(events()[0]).not.toHaveProperty('deduplicationId');
  });
});

describe('a plan', () => {
  it('rejects with its reasons, and keeps the call', async () => {
    const { take, events, rejected } = pipelineOf(await planOf('reject', 'reject'));
    const answer = await take([good, { ...good, properties: {} }, { ...good, event: 'Seen' }]);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        accepted: 1,
        rejected: [
          { index: 1, code: 'plan_violation', field: 'properties.total' },
          { index: 2, code: 'unplanned_event', field: 'event' },
        ],
      },
    });
    expect(events()).toHaveLength(1);
    expect(rejected().map(({ reasons }) => reasons.map(({ code }) => code))).toEqual([
      ['plan_violation'],
      ['unplanned_event'],
    ]);
  });

  it('says in the event what it let pass, and counts it', async () => {
    const { take, events, registry } = pipelineOf(await planOf('allow'));
    await take([{ ...good, properties: {} }, good]);
    expect(events().every((event) => isEvent(event))).toBe(true);
    expect(events().map(({ context }) => context)).toEqual([
      {
        locale: 'de',
        tributary: {
          violations: [{ code: 'plan_violation', field: 'properties.total', message: 'is required' }],
        },
      },
      { locale: 'de' },
    ]);
    expect(await registry.metrics()).toContain(
      'plan_violations_total{source="default",code="plan_violation",outcome="allowed",workspace="w"} 1',
    );
  });

  it('drops what offends before it could become an identifier', async () => {
    const { take, events } = pipelineOf(await planOf('drop_property'));
    await take([{ ...good, traits: { email: 'not an address', name: 'Ann' } }]);
    expect(events()).toEqual([
      expect.objectContaining({ traits: { name: 'Ann' }, identifiers: ['user_id:ann'] }),
    ]);
    expect(events()[0]?.context).toMatchObject({
      tributary: { violations: [{ field: 'traits.email', dropped: true }] },
    });
  });

  it('leaves to the other rules what is no call at all', async () => {
    const { take } = pipelineOf(await planOf('reject', 'reject'));
    expect(await take([7 as unknown as object, { type: 'trak' }])).toMatchObject({
      status: 400,
      body: { rejected: [{ code: 'not_an_object' }, { code: 'unknown_type' }] },
    });
  });
});
