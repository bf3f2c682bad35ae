import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  guardOf,
  ReplayAnswer,
  ReplayedMessage,
  TOPICS,
  type EventMessage,
  type RejectedMessage,
  type ReplayMapping,
} from '@tributary/contracts';
import { Registry } from 'prom-client';
import { Pipeline } from '../intake/pipeline.js';
import { Publisher } from '../intake/publisher.js';
import type { IntakeRequest } from '../intake/request.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { Refusals } from '../admission/refusals.js';
import { BuiltInNormalisers } from '../../test/built-in.normalisers.js';
import { InFlight } from '../log/in-flight.js';
import { InMemoryEventLog } from '../../test/in-memory.event-log.js';
import { RateLimiter } from '../sources/rate-limiter.js';
import { InMemorySourceRegistry } from '../../test/in-memory.source-registry.js';
import type { Source } from '../sources/source-registry.port.js';
import { readWebhook } from '../webhook/webhook.reader.js';
import { Replay } from './replay.js';
import { Reception } from '../intake/reception.js';
import { NOBODY_SUPPRESSED } from '../suppressions/suppressions.port.js';

const isAnswer = guardOf(ReplayAnswer);
const isReplayed = guardOf(ReplayedMessage);
const ARRIVED = Date.parse('2026-01-02T03:04:05.678Z');

let now: number;
let log: InMemoryEventLog;
let pipeline: Pipeline;
let replay: Replay;
let source: Source;

beforeEach(() => {
  now = ARRIVED;
  source = { workspaceId: 'w', sourceId: 's', enabled: true };
  build();
});

function build() {
  log = new InMemoryEventLog();
  const sources = new InMemorySourceRegistry({ key: source });
  const clock = { now: () => now };
  const reception = new Reception(clock);
  const metrics = new IntakeMetrics(new Registry(), new InFlight(1_000_000));
  const rates = new RateLimiter(clock);
  const refusals = new Refusals(sources, clock, rates, metrics);
  const publisher = new Publisher(log, metrics, refusals);
  pipeline = new Pipeline(
    sources,
    refusals,
    rates,
    new BuiltInNormalisers(),
    reception,
    publisher,
    NOBODY_SUPPRESSED,
  );
  replay = new Replay(sources, log, clock, metrics, new BuiltInNormalisers(), reception, NOBODY_SUPPRESSED);
}

/** What the log holds as rejected after a request came in. */
async function rejectedOf(body: unknown, more: Partial<IntakeRequest> = {}) {
  await pipeline.take({
    route: '/v1/batch',
    writeKey: 'key',
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    ...more,
  });
  const found = log.valuesOf(TOPICS.rejected.name) as RejectedMessage[];
  log.records.length = 0;
  now += 30 * 86_400_000;
  return found.map((rejected, offset) => ({ partition: 3, offset, rejected }));
}

async function again(
  records: Awaited<ReturnType<typeof rejectedOf>>,
  mapping: ReplayMapping = {},
  dryRun = false,
): Promise<ReplayAnswer> {
  const answer = await replay.again({ records, mapping, dryRun, samples: 10 });
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  expect(isAnswer(answer.value)).toBe(true);
  return answer.value;
}
const events = () => log.valuesOf(TOPICS.events.name) as EventMessage[];
const marks = () => log.valuesOf(TOPICS.rejected.name).filter(isReplayed);

describe('a replay', () => {
  it('makes the event that the call would have been, at its time', async () => {
    const call = { type: 'track', event: 'Bought', uid: 'ann', timestamp: '2026-01-02T02:00:00.000Z' };
    const batch = [call, { type: 'identify', userId: 'bob' }];
    const [record] = await rejectedOf({
      batch,
      sentAt: '2026-01-02T02:00:05.000Z',
      context: { locale: 'de' },
    });
    const answer = await again([record!], { calls: [{ op: 'rename', from: 'uid', to: 'userId' }] });
    expect(answer.outcomes).toMatchObject([{ partition: 3, offset: 0, accepted: 1, rejected: 0 }]);
    expect(events()).toEqual([
      expect.objectContaining({
        userId: 'ann',
        receivedAt: '2026-01-02T03:04:05.678Z',
        // Five seconds before it was sent, by the server's clock.
        timestamp: '2026-01-02T03:04:00.678Z',
        originalTimestamp: call.timestamp,
        context: { locale: 'de', tributary: { flags: [{ code: 'clock_corrected', field: 'timestamp' }] } },
      }),
    ]);
    expect(marks()).toEqual([
      expect.objectContaining({ rejected: { partition: 3, offset: 0 }, accepted: 1, sourceId: 's' }),
    ]);
  });

  it('makes the same event of the same record each time, and keeps the id of the call', async () => {
    const records = await rejectedOf({
      batch: [
        { type: 'track', userId: 'a' },
        { type: 'track', userId: 'b', messageId: 'own' },
      ],
    });
    const mapping = { calls: [{ op: 'set', path: 'event', value: 'Mended' }] } as const;
    await again(records, { calls: [...mapping.calls] });
    const first = events().map(({ messageId }) => messageId);
    log.records.length = 0;
    await again(records, { calls: [...mapping.calls] });
    expect(events().map(({ messageId }) => messageId)).toEqual(first);
    expect(first).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), 'own']);
  });

  it('that is a trial writes nothing, and shows before, after and what it becomes', async () => {
    const records = await rejectedOf({ batch: [{ type: 'track', event: 'A', writeKey: 'key' }] });
    const answer = await again(records, { calls: [{ op: 'set', path: 'userId', value: 'ann' }] }, true);
    expect(answer.outcomes[0]?.calls).toEqual([
      {
        before: { type: 'track', event: 'A' },
        after: { type: 'track', event: 'A', userId: 'ann' },
        event: expect.objectContaining({ identifiers: ['user_id:ann'] }) as unknown,
      },
    ]);
    expect(log.records).toEqual([]);
  });

  it('leaves what still does not pass as it is, and says why', async () => {
    const records = await rejectedOf({ batch: [{ type: 'track', event: 'A' }] });
    expect(await again(records)).toMatchObject({
      outcomes: [{ accepted: 0, rejected: 1, reasons: [{ code: 'no_identifier' }] }],
    });
    expect(log.records).toEqual([]);
  });

  it('says of bytes that are not JSON that no mapping mends them', async () => {
    const records = await rejectedOf('{"batch":[');
    expect(await again(records)).toMatchObject({
      outcomes: [
        {
          accepted: 0,
          reasons: [{ code: 'malformed_json', message: expect.stringContaining('mapping') as unknown }],
        },
      ],
    });
  });

  it.each([
    ['"v":NaN', { v: null }],
    ['"v":[1,],', { v: [1] }],
    [String.raw`"v":"C:\q\x"`.replace(/\\\\/g, '\\'), { v: expect.any(String) }],
    ['"v":"a\nb"', { v: 'a\nb' }],
    ['"v":"M\xfcller NaN"', { v: 'Müller NaN' }],
  ])('repairs one call of a batch that was no JSON: %s', async (properties, expected) => {
    const bad = `{"type":"track","event":"E","userId":"bad","properties":{${properties}}}`;
    const body = Buffer.from(`{"batch":[{"type":"page","userId":"good"},${bad}]}`, 'latin1');
    const records = await rejectedOf('', { body });
    expect(records).toMatchObject([{ rejected: { rawIs: 'call', index: 1 } }]);
    expect(await again(records)).toMatchObject({ outcomes: [{ accepted: 0 }] });
    expect(await again(records, { repair: true })).toMatchObject({ outcomes: [{ accepted: 1 }] });
    expect(events().map(({ userId, properties }) => [userId, properties])).toEqual([['bad', expected]]);
  });

  it('mends the body of a request that was refused whole', async () => {
    const records = await rejectedOf({
      events: [{ type: 'page', uid: 'a' }, { type: 'page', uid: 'b' }, 'x'],
    });
    const answer = await again(records, {
      body: [{ op: 'rename', from: 'events', to: 'batch' }],
      calls: [{ op: 'rename', from: 'uid', to: 'userId' }],
    });
    expect(answer.outcomes).toMatchObject([
      { accepted: 2, rejected: 1, reasons: [{ code: 'not_an_object' }] },
    ]);
    expect(events().map(({ userId }) => userId)).toEqual(['a', 'b']);
    // The one that does not pass is rejected as it would have been then.
    expect(log.valuesOf(TOPICS.rejected.name)).toContainEqual(
      expect.objectContaining({ rawIs: 'call', index: 2 }),
    );
  });

  it('of one call of a body sends that call alone', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const good = JSON.stringify({ type: 'page', userId: 'good' });
    const bad = `{"type":"page","userId":"bad","properties":{"deep":${deep}}}`;
    const records = await rejectedOf(`{"batch":[${good},${bad}]}`);
    await again(records, { calls: [{ op: 'drop', path: 'properties.deep' }] });
    expect(events().map(({ userId }) => userId)).toEqual(['bad']);
  });

  it.each(['/v1/track', '/v1/t', '/v1/batch'])('reads a single call of %s', async (route) => {
    const body = { type: 'track', userId: 'ann' };
    const records = await rejectedOf(body, {
      route,
      ...(route === '/v1/batch' ? {} : { type: 'track' as const }),
    });
    await again(records, { calls: [{ op: 'set', path: 'event', value: 'A' }] });
    expect(events()).toEqual([expect.objectContaining({ type: 'track', event: 'A' })]);
  });

  it('of a webhook reads the body as the source says now', async () => {
    source = { ...source, webhook: { type: 'track', event: "'Paid'", userId: 'customer' } };
    build();
    const records = await rejectedOf({ client: 'ann' }, { route: '/v1/webhook/:source', read: readWebhook });
    expect(records).toMatchObject([{ rejected: { reasons: [{ code: 'no_identifier' }] } }]);
    source = { ...source, webhook: { type: 'track', event: "'Paid'", userId: 'client' } };
    build();
    await again(records);
    expect(events()).toEqual([expect.objectContaining({ event: 'Paid', userId: 'ann' })]);
  });

  it('says that a source is no more, or disabled', async () => {
    const records = await rejectedOf({ batch: [1] });
    const [{ rejected }] = records as [(typeof records)[0]];
    const other = [{ partition: 3, offset: 0, rejected: { ...rejected, sourceId: 'gone' } }];
    expect(await again(other)).toMatchObject({ outcomes: [{ reasons: [{ code: 'unknown_source' }] }] });
    source = { ...source, enabled: false };
    build();
    expect(await again(records)).toMatchObject({ outcomes: [{ reasons: [{ code: 'source_disabled' }] }] });
  });

  it('names the step of a mapping that is none', async () => {
    const request = { records: [], dryRun: true, samples: 0 };
    const mapping: ReplayMapping = { calls: [{ op: 'drop', path: 'a..b' }] };
    expect(await replay.again({ ...request, mapping })).toEqual({
      ok: false,
      error: { mapping: expect.stringContaining('calls[0]: "a..b"') as unknown },
    });
  });

  it('is to be sent again when the log takes nothing', async () => {
    const records = await rejectedOf({ batch: [{ type: 'page' }] });
    log.failure = 'unavailable';
    const mapping: ReplayMapping = { calls: [{ op: 'set', path: 'userId', value: 'a' }] };
    const request = { records, mapping, dryRun: false, samples: 0 };
    expect(await replay.again(request)).toEqual({ ok: false, error: 'unavailable' });
  });
});
