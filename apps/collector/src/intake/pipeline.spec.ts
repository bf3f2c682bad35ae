import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventMessage, guardOf, RejectedMessage, TOPICS } from '@tributary/contracts';
import { Registry } from 'prom-client';
import type { NamespaceRule } from '@tributary/identity';
import { Refusals } from '../admission/refusals.js';
import { BuiltInNormalisers } from '../../test/built-in.normalisers.js';
import { toNormaliserOf } from '../identity-rules/normaliser.js';
import type { Normalisers } from '../identity-rules/normalisers.port.js';
import { InFlight } from '../log/in-flight.js';
import { InMemoryEventLog } from '../../test/in-memory.event-log.js';
import { RateLimiter } from '../sources/rate-limiter.js';
import { SingleKeySourceRegistry } from '../../test/single-key.source-registry.js';
import { Pipeline } from './pipeline.js';
import { Publisher } from './publisher.js';
import type { IntakeRequest } from './request.js';
import { IntakeMetrics } from './intake.metrics.js';
import { Reception } from './reception.js';
import { NOBODY_SUPPRESSED } from '../suppressions/suppressions.port.js';

const isEvent = guardOf(EventMessage);
const isRejected = guardOf(RejectedMessage);
const clock = { now: () => Date.parse('2026-01-02T03:04:05.678Z') };
const good = { type: 'track', event: 'Bought', userId: 'ann', messageId: 'm1' };

let log: InMemoryEventLog;
let registry: Registry;
let pipeline: Pipeline;

beforeEach(() => {
  log = new InMemoryEventLog();
  registry = new Registry();
  pipeline = pipelineWith(new BuiltInNormalisers());
});

function pipelineWith(normalisers: Normalisers): Pipeline {
  const metrics = new IntakeMetrics(registry, new InFlight(1_000_000));
  const sources = new SingleKeySourceRegistry('key', 'w');
  const rates = new RateLimiter(clock);
  const refusals = new Refusals(sources, clock, rates, metrics);
  const publisher = new Publisher(log, metrics, refusals);
  return new Pipeline(
    sources,
    refusals,
    rates,
    normalisers,
    new Reception(clock),
    publisher,
    NOBODY_SUPPRESSED,
  );
}

const take = (body: unknown, more: Partial<IntakeRequest> = {}) =>
  pipeline.take({
    route: '/v1/batch',
    writeKey: 'key',
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    ...more,
  });
const events = () => log.valuesOf(TOPICS.events.name);
const rejected = () => log.valuesOf(TOPICS.rejected.name) as RejectedMessage[];
const rawOf = (message: RejectedMessage | undefined) => Buffer.from(message?.raw ?? '', 'base64').toString();

describe('the pipeline', () => {
  it('writes events and rejections that keep their contracts', async () => {
    await take({
      batch: [good, { type: 'track' }],
      context: { locale: 'de' },
      sentAt: '2026-01-02T03:04:05Z',
    });
    expect(events().every(isEvent)).toBe(true);
    expect(events()).toHaveLength(1);
    expect(rejected().every(isRejected)).toBe(true);
    expect(rejected()).toHaveLength(1);
  });

  it('keys an event by its primary identifier and says in headers what readers need first', async () => {
    await take({ batch: [{ ...good, anonymousId: 'a1' }] });
    expect(log.records).toEqual([
      expect.objectContaining({
        topic: 'events.v1',
        key: 'w/user_id:ann',
        headers: {
          schema: 'event@1',
          messageId: 'm1',
          type: 'track',
          receivedAt: '2026-01-02T03:04:05.678Z',
          identifiers: '["user_id:ann","anonymous_id:a1"]',
        },
      }),
    ]);
  });

  it('validates a batch call by call and names the bad ones', async () => {
    expect(await take({ batch: [{ ...good, userId: null, messageId: 'm0' }, good, 'x'] })).toEqual({
      status: 200,
      body: {
        success: true,
        accepted: 1,
        rejected: [
          {
            index: 0,
            messageId: 'm0',
            code: 'no_identifier',
            field: 'anonymousId',
            message: expect.any(String),
          },
          { index: 2, code: 'not_an_object', field: '', message: expect.any(String) },
        ],
      },
    });
    expect(rejected().map(rawOf)).toEqual([expect.stringContaining('"m0"'), '"x"']);
  });

  it('leaves `rejected` out when all is accepted', async () => {
    expect(await take({ batch: [good] })).toEqual({ status: 200, body: { success: true, accepted: 1 } });
  });

  it('writes identifiers by the rules in force, whether it reads a call or takes it as it is', async () => {
    const rules = (normalise: NamespaceRule['normalise']) =>
      toNormaliserOf({
        namespaces: { '*': { priority: 1, limit: 1, supernode: 1, blocked: [], normalise } },
      });
    let inForce = rules(['lowercase']);
    const normalisers = { of: () => inForce };
    registry.clear();
    pipeline = pipelineWith(normalisers);
    // A context of the whole batch is not taken as it is.
    const ways = [
      { batch: [{ ...good, userId: 'ANN' }] },
      { batch: [{ ...good, userId: 'ANN' }], context: {} },
    ];
    for (const body of ways) await take(body);
    inForce = rules([]);
    for (const body of ways) await take(body);
    const told = events() as EventMessage[];
    expect(told.map(({ userId }) => userId)).toEqual(['ANN', 'ANN', 'ANN', 'ANN']);
    const [lower, asItCame] = [['user_id:ann'], ['user_id:ANN']];
    expect(told.map(({ identifiers }) => identifiers)).toEqual([lower, lower, asItCame, asItCame]);
  });

  it('counts what looks wrong in calls by its code, in those that are refused for it too', async () => {
    const userId = 'x'.repeat(10_000);
    await take({ batch: [good, { ...good, userId, anonymousId: 'a1' }, { ...good, userId: 'null' }] });
    await take({
      batch: [{ ...good, userId, context: { tributary: { flags: [{ code: 'not_normalised' }] } } }],
    });
    const metric = await registry.getSingleMetric('tributary_collector_flags_total')?.get();
    expect(metric?.values.map(({ labels, value }) => [labels.code, value])).toEqual([
      ['identifier_too_long', 2],
      ['blocked_value', 1],
      ['reserved_field', 1],
    ]);
    expect(events()).toHaveLength(2);
    expect(rejected().map(({ reasons }) => reasons[0]?.code)).toEqual([
      'no_identifier',
      'identifier_too_long',
    ]);
  });

  it('answers 400 when nothing is acceptable, and keeps it', async () => {
    const answer = await take({ batch: [{ type: 'trak', userId: 'u' }] });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'nothing_acceptable' }, rejected: [{ index: 0, code: 'unknown_type' }] },
    });
    expect(rejected()).toHaveLength(1);
  });

  it('takes the type from a route of one call', async () => {
    await take({ userId: 'ann', traits: { plan: 'pro' } }, { route: '/v1/identify', type: 'identify' });
    expect(events()).toEqual([expect.objectContaining({ type: 'identify', traits: { plan: 'pro' } })]);
  });

  it.each([
    ['{"batch":[', 400, 'malformed_json'],
    ['', 400, 'malformed_json'],
    ['[]', 400, 'invalid_body'],
    ['null', 400, 'invalid_body'],
    ['{"batch":{}}', 400, 'invalid_body'],
    ['{"batch":[]}', 400, 'empty_batch'],
    [JSON.stringify({ batch: Array(2_501).fill(1) }), 413, 'too_many_calls'],
  ])('refuses %.20s… with %d %s, and keeps its bytes', async (body, status, code) => {
    expect(await take(body)).toMatchObject({ status, body: { error: { code } } });
    expect(rejected()).toEqual([expect.objectContaining({ reasons: [expect.objectContaining({ code })] })]);
    expect(rawOf(rejected()[0])).toBe(body);
  });

  it('keeps the whole body where one call cannot be written again', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const body = `{"batch":[${JSON.stringify(good)},{"type":"track","properties":{"a":${deep}}}]}`;
    expect(await take(body)).toMatchObject({ status: 200, body: { accepted: 1 } });
    expect(rawOf(rejected()[0])).toBe(body);
  });

  it('refuses a batch whose common context would multiply it', async () => {
    const context = { filling: 'x'.repeat(30_000) };
    const batch = Array.from({ length: 400 }, () => good);
    expect(await take({ batch, context })).toMatchObject({
      status: 413,
      body: { error: { code: 'batch_too_large' } },
    });
    expect(events()).toEqual([]);
  });

  it('takes the write key of the body where the header has none', async () => {
    const headerless = {
      route: '/v1/batch',
      body: Buffer.from(JSON.stringify({ writeKey: 'key', batch: [good] })),
    };
    expect(await pipeline.take(headerless)).toMatchObject({ status: 200 });
  });

  it('stores nothing under an unknown write key', async () => {
    for (const body of [{ batch: [good] }, '{', { writeKey: 'key', batch: [good] }])
      expect(await take(body, { writeKey: 'other' })).toMatchObject({ status: 401 });
    expect(await pipeline.take({ route: '/v1/batch', body: Buffer.from('{') })).toMatchObject({
      status: 401,
    });
    expect(log.records).toEqual([]);
  });

  it('answers 503 with Retry-After when the log does not take the events, and counts none', async () => {
    log.failure = 'unavailable';
    for (const body of [{ batch: [good] }, { batch: [1] }, '{'])
      expect(await take(body)).toMatchObject({ status: 503, retryAfterSeconds: 1 });
    const metrics = await registry.metrics();
    expect(metrics).not.toMatch(/events_(accepted|rejected)_total\{/);
    expect(metrics).toMatch(/requests_not_kept_total\{source="default",code="unavailable",workspace="w"\} 3/);
  });

  it('counts what it accepted and rejected', async () => {
    await take({ batch: [good, good, 1] });
    const shown = await registry.metrics();
    expect(shown).toContain('events_accepted_total{source="default",workspace="w"} 2');
    expect(shown).toContain('events_rejected_total{source="default",code="not_an_object",workspace="w"} 1');
  });
});
