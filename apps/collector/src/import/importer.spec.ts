import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventMessage, guardOf, RejectedMessage, TOPICS } from '@tributary/contracts';
import type { OutgoingRecord } from '@tributary/kafka';
import { Registry } from 'prom-client';
import { Refusals } from '../admission/refusals.js';
import { InMemorySourceRegistry } from '../../test/in-memory.source-registry.js';
import { RateLimiter } from '../sources/rate-limiter.js';
import { errorAnswer, type ErrorCode } from '../intake/answer.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { BuiltInNormalisers } from '../../test/built-in.normalisers.js';
import { InFlight } from '../log/in-flight.js';
import { InMemoryEventLog } from '../../test/in-memory.event-log.js';
import { Reception } from '../intake/reception.js';
import { IMPORT_LIMITS } from './import-limits.js';
import { Importer } from './importer.js';
import { linesOf, type Line } from './lines.js';
import { withoutSilence } from './silence.js';
import { NOBODY_SUPPRESSED } from '../suppressions/suppressions.port.js';

const source = { workspaceId: 'w', sourceId: 's', enabled: true };
const clock = { now: () => Date.parse('2026-01-02T03:04:05.678Z') };
const isEvent = guardOf(EventMessage);
const isRejected = guardOf(RejectedMessage);
const good = { type: 'track', event: 'Bought', userId: 'ann', timestamp: '2020-01-01T00:00:00.000Z' };

let log: InMemoryEventLog;
let importer: Importer;
beforeEach(() => {
  log = new InMemoryEventLog();
  importer = importerOf(log);
});

function importerOf(eventLog: InMemoryEventLog): Importer {
  const metrics = new IntakeMetrics(new Registry(), new InFlight(1_000_000));
  const rates = new RateLimiter(clock);
  return new Importer(
    eventLog,
    metrics,
    rates,
    new BuiltInNormalisers(),
    new Reception(clock),
    new Refusals(new InMemorySourceRegistry({}), clock, rates, metrics),
    NOBODY_SUPPRESSED,
  );
}

function chunks(...lines: readonly unknown[]): AsyncIterable<Line> {
  return linesOf(bytesOf(...lines), IMPORT_LIMITS.lineBytes);
}

async function* bytesOf(...lines: readonly unknown[]): AsyncGenerator<Buffer> {
  for (const line of lines) {
    await Promise.resolve();
    yield Buffer.from(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  }
}
const refuseWhole = (code: ErrorCode) => Promise.resolve(errorAnswer(code));
const take = (lines: AsyncIterable<Line>, by = importer) => by.take(source, lines, refuseWhole);
const events = () => log.valuesOf(TOPICS.events.name) as EventMessage[];
const idsOf = (from: readonly EventMessage[]) => from.map(({ messageId }) => messageId);

describe('an import', () => {
  it('takes each line for a call, at the time that it says', async () => {
    expect(await take(chunks(good, { ...good, sentAt: '2020-01-01T00:00:09Z' }))).toEqual({
      status: 200,
      body: { success: true, lines: 2, accepted: 2, rejected: 0 },
    });
    expect(events().every(isEvent)).toBe(true);
    expect(events().map(({ timestamp }) => timestamp)).toEqual([good.timestamp, good.timestamp]);
  });

  it('goes on behind the lines that an answer has counted, with the ids that the whole file makes', async () => {
    const file = [good, { ...good, event: 'Left' }, '{', good];
    await take(chunks(...file));
    const whole = idsOf(events());
    log.records.length = 0;
    const rest = importer.take(source, chunks(...file), refuseWhole, 2);
    expect(await rest).toMatchObject({
      body: { lines: 4, skipped: 2, accepted: 1, rejected: 1, errors: [{ line: 3 }] },
    });
    expect(idsOf(events())).toEqual(whole.slice(2));
  });

  it('keeps what came before its sender fell silent, and counts it', async () => {
    async function* silent(): AsyncGenerator<Buffer> {
      yield* bytesOf(good, good);
      await new Promise(() => undefined);
    }
    const lines = linesOf(withoutSilence(silent(), 50), IMPORT_LIMITS.lineBytes);
    expect(await take(lines)).toMatchObject({
      status: 408,
      body: { code: 'file_interrupted', lines: 2, accepted: 2, rejected: 0 },
    });
    expect(events()).toHaveLength(2);
  });

  it('keeps what it does not accept, and names the lines', async () => {
    const long = 'x'.repeat(IMPORT_LIMITS.lineBytes + 1);
    const answer = await take(chunks(good, '{', { type: 'trak' }, '', long, good));
    expect(answer).toMatchObject({
      status: 200,
      body: {
        lines: 5,
        accepted: 2,
        rejected: 3,
        errors: [
          { line: 2, code: 'malformed_json' },
          { line: 3, code: 'unknown_type', field: 'type' },
          { line: 5, code: 'line_too_long' },
        ],
      },
    });
    const rejected = log.valuesOf(TOPICS.rejected.name);
    expect(rejected.every(isRejected)).toBe(true);
    expect(rejected).toContainEqual(expect.objectContaining({ rawIs: 'call', index: 2 }));
  });

  it('makes the same ids of the same file, and two of two equal lines', async () => {
    await take(chunks(good, good, { ...good, messageId: 'own' }));
    const first = idsOf(events());
    await take(chunks(good, good, { ...good, messageId: 'own' }));
    expect(idsOf(events()).slice(3)).toEqual(first);
    expect(new Set(first).size).toBe(3);
    expect(first).toContain('own');
  });

  it('refuses a file of which no line is acceptable, and an empty one', async () => {
    expect(await take(chunks('{'))).toMatchObject({
      status: 400,
      body: { error: { code: 'nothing_acceptable' }, lines: 1, rejected: 1 },
    });
    expect(await take(chunks('', ' '))).toMatchObject({
      body: { error: { code: 'empty_batch' } },
    });
  });

  it('has few batches under way, and reads no further than they let it', async () => {
    const slow = new SlowLog();
    let read = 0;
    async function* endless() {
      for (;;) {
        await Promise.resolve();
        read += 1;
        yield Buffer.from(`${JSON.stringify(good)}\n`);
        if (read === 20_000) return;
      }
    }
    const taken = take(linesOf(endless(), IMPORT_LIMITS.lineBytes), importerOf(slow));
    await slow.full;
    const most = (IMPORT_LIMITS.batchesInFlight + 1) * IMPORT_LIMITS.batchLines;
    expect(read).toBeLessThanOrEqual(most);
    slow.open();
    expect(await taken).toMatchObject({ body: { accepted: 20_000 } });
    expect(slow.most).toBe(IMPORT_LIMITS.batchesInFlight);
  });

  it('tries again where the log is away for a moment, with the same ids', async () => {
    log.failure = 'overloaded';
    const taken = take(chunks(good));
    log.failure = undefined;
    expect(await taken).toMatchObject({ status: 200 });
  });

  it('ends with 503 where the log stays away, and counts what is durable', async () => {
    log.failure = 'unavailable';
    expect(await take(chunks(good))).toMatchObject({
      status: 503,
      retryAfterSeconds: 1,
      body: { error: { code: 'unavailable' }, lines: 1, accepted: 0 },
    });
  });

  it('keeps what came before its sender went away', async () => {
    async function* broken() {
      yield* chunks(...Array.from({ length: IMPORT_LIMITS.batchLines }, () => good));
      throw new Error('aborted');
    }
    await expect(take(broken())).rejects.toThrow('aborted');
    expect(events()).toHaveLength(IMPORT_LIMITS.batchLines);
  });
});

/** Answers nothing until it is opened. */
class SlowLog extends InMemoryEventLog {
  readonly #opened = Promise.withResolvers<undefined>();
  readonly #full = Promise.withResolvers<undefined>();
  #underWay = 0;
  most = 0;

  get full(): Promise<undefined> {
    return this.#full.promise;
  }

  open(): void {
    this.#opened.resolve(undefined);
  }

  override async append(records: readonly OutgoingRecord[]) {
    this.#underWay += 1;
    this.most = Math.max(this.most, this.#underWay);
    if (this.#underWay === IMPORT_LIMITS.batchesInFlight)
      setImmediate(() => {
        this.#full.resolve(undefined);
      });
    await this.#opened.promise;
    this.#underWay -= 1;
    return super.append(records);
  }
}
