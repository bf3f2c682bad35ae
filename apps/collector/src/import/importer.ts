import { Inject, Injectable } from '@nestjs/common';
import type { OutgoingRecord } from '@tributary/kafka';
import { nameUuid } from '@tributary/kernel';
import { setTimeout as after } from 'node:timers/promises';
import { Refusals } from '../admission/refusals.js';
import { IMPORT_PATH } from '../http/routes.table.js';
import { NORMALISERS, type Normalisers } from '../identity-rules/normalisers.port.js';
import { errorAnswer, errorText, type Answer, type ErrorCode, type RejectedCall } from '../intake/answer.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { parsedCalls } from '../intake/calls.js';
import { validateCalls } from '../intake/validate-calls.js';
import { rejectedRecord } from '../intake/records.js';
import { parseJson } from '../intake/payload.js';
import { Reception } from '../intake/reception.js';
import { holderOf } from '../log/in-flight.js';
import { faultInCall } from '../intake/unreadable.js';
import { EVENT_LOG, type EventLog } from '../log/event-log.port.js';
import { RateLimiter } from '../sources/rate-limiter.js';
import type { Source } from '../sources/source-registry.port.js';
import { SUPPRESSIONS, type Suppressions } from '../suppressions/suppressions.port.js';
import { IMPORT_LIMITS } from './import-limits.js';
import type { Line } from './lines.js';
import { SilentSenderError } from './silence.js';
import { Tally } from './tally.js';

const ATTEMPTS = 5;
const PAUSE_MS = 200;
const LINES = Buffer.from('6a0c0d5f2f3b4c0f9d4a2a1e7c6b5a49', 'hex');

/** The log took no more, for longer than it is worth waiting. */
class LogFailedError extends Error {
  constructor(readonly code: ErrorCode) {
    super(code);
  }
}

/**
 * Reads a file of calls, a line each, as fast as the log takes them: a batch is validated and on its way while the next
 * one is read, and no more than a few are. What was appended stays, whatever becomes of the rest.
 */
@Injectable()
export class Importer {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly metrics: IntakeMetrics,
    private readonly rates: RateLimiter,
    @Inject(NORMALISERS) private readonly normalisers: Normalisers,
    private readonly reception: Reception,
    private readonly refusals: Refusals,
    @Inject(SUPPRESSIONS) private readonly suppressions: Suppressions,
  ) {}

  /** The first lines are passed over, as many as are to be skipped; they count as read. */
  async take(
    source: Source,
    lines: AsyncIterable<Line>,
    refuseWhole: (code: ErrorCode) => Promise<Answer>,
    skip = 0,
  ): Promise<Answer> {
    const tally = new Tally();
    const underWay = new Set<Promise<void>>();
    let failure: unknown;
    const start = (lines: readonly Line[]) => {
      const written = this.#write(source, lines, tally)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => underWay.delete(written));
      underWay.add(written);
    };
    try {
      for await (const batch of batchesOf(lines, tally, skip)) {
        while (underWay.size >= IMPORT_LIMITS.batchesInFlight) await Promise.race(underWay);
        if (failure !== undefined) break;
        for (let wait = this.#waitOf(source, batch); wait > 0; wait = this.#waitOf(source, batch))
          await after(wait);
        start(batch);
      }
    } catch (error) {
      failure ??= error;
    }
    await Promise.all(underWay);
    const code = refusalOf(failure, tally);
    if (code === undefined) return answerOf(tally);
    if (tally.lines === 0 && !(failure instanceof LogFailedError)) return refuseWhole(code);
    return this.refusals.answer({ source, code }, errorText(code), tally.told);
  }

  /** A file is read as slowly as the rate of its source asks for. */
  #waitOf(source: Source, lines: readonly Line[]): number {
    return this.rates.take(source, lines.length);
  }

  async #write(source: Source, lines: readonly Line[], tally: Tally): Promise<void> {
    const { records, ...outcome } = this.#validate(source, lines, tally);
    if (records.length > 0) await this.#append(records, source);
    tally.written(outcome.accepted, outcome.rejected.length, outcome.flagCounts);
    this.metrics.validated(source, outcome);
  }

  #validate(source: Source, lines: readonly Line[], tally: Tally) {
    const { receivedAt, sequence } = this.reception.now();
    this.reception.took(lines.length);
    const records: OutgoingRecord[] = [];
    const rejected: RejectedCall[] = [];
    const calls: unknown[] = [];
    const read: Line[] = [];
    for (const [place, line] of lines.entries()) {
      const call = line.tooLong ? undefined : parseJson(line.bytes);
      if (call !== undefined) {
        calls.push(call);
        read.push(line);
        continue;
      }
      const reason = line.tooLong ? TOO_LONG : faultInCall(line.bytes, '', 0);
      const reasons = [reason];
      const index = line.number - 1;
      rejected.push({ index, ...reason });
      records.push(
        rejectedRecord({
          source,
          receivedAt,
          sequence: sequence + place,
          route: IMPORT_PATH,
          raw: line.bytes,
          rawIs: 'call',
          index,
          reasons,
        }),
      );
    }
    const lineOf = (index: number) => read[index] ?? NO_LINE;
    const validated = validateCalls(parsedCalls({ calls }, NO_LINE.bytes), {
      source,
      receivedAt,
      sequence,
      clockToleranceMs: this.reception.clockToleranceMs,
      route: IMPORT_PATH,
      body: NO_LINE.bytes,
      measured: true,
      normaliserOf: this.normalisers.of(source.workspaceId),
      isSuppressed: this.suppressions.of(source.workspaceId),
      keepsTime: true,
      newMessageId: (index) => idOf(source, lineOf(index)),
      placeOf: (index) => ({ raw: lineOf(index).bytes, index: lineOf(index).number - 1 }),
    });
    if (!validated.ok) throw new Error(`a batch of lines is refused: ${validated.error}`);
    for (const call of validated.value.rejected)
      rejected.push({ ...call, index: lineOf(call.index).number - 1 });
    tally.read(lines.length, rejected);
    return { ...validated.value, rejected, records: [...records, ...validated.value.records] };
  }

  /** Tries again where the log is busy or away for a moment: the same records, so that what came through is a duplicate. */
  async #append(records: readonly OutgoingRecord[], source: Source): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const appended = await this.log.append(records, holderOf(source));
      if (appended.ok) return;
      if (attempt === ATTEMPTS) throw new LogFailedError(appended.error);
      await after(PAUSE_MS * attempt);
    }
  }
}

const TOO_LONG = { code: 'line_too_long', field: '', message: errorText('line_too_long') };
const NO_LINE: Line = { number: 0, bytes: Buffer.alloc(0), tooLong: false };

/** Of the line and its place: the same file sent again makes the same ids, and equal lines of a file are two events. */
function idOf({ workspaceId, sourceId }: Source, { number, bytes }: Line): string {
  return nameUuid(LINES, Buffer.concat([Buffer.from(`${workspaceId}/${sourceId}/${number}/`), bytes]));
}

/** Where a file breaks off, the last batch is what came before. */
async function* batchesOf(
  lines: AsyncIterable<Line>,
  tally: Tally,
  skip: number,
): AsyncGenerator<readonly Line[]> {
  let batch: Line[] = [];
  let bytes = 0;
  let broken: { readonly by: unknown } | undefined;
  try {
    for await (const line of lines) {
      if (line.number <= skip) {
        tally.passOver();
        continue;
      }
      batch.push(line);
      bytes += line.bytes.length;
      if (batch.length < IMPORT_LIMITS.batchLines && bytes < IMPORT_LIMITS.batchBytes) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  } catch (error) {
    broken = { by: error };
  }
  if (batch.length > 0) yield batch;
  if (broken) throw broken.by as Error;
}

/** Why a file, or the rest of it, is not taken; throws what is no fault of the file's. */
function refusalOf(failure: unknown, tally: Tally): ErrorCode | undefined {
  if (failure instanceof LogFailedError) return failure.code;
  const code = unreadableBy(failure);
  if (code) return code;
  if (failure !== undefined) throw failure as Error;
  return tally.lines === 0 ? 'empty_batch' : undefined;
}

function answerOf(tally: Tally): Answer {
  if (tally.accepted === 0) return errorAnswer('nothing_acceptable', tally.told);
  return { status: 200, body: { success: true, ...tally.told } };
}

/** The codes that node:zlib gives to errors of gzip and deflate, of Zstandard, and of Brotli. */
const OF_COMPRESSION = /^(Z_|ZSTD_|ERR__ERROR_FORMAT_|ERR_BROTLI)/;

/** What a failure of reading says of the file; undefined where it is none of the file's. */
export function unreadableBy(
  error: unknown,
): 'malformed_encoding' | 'malformed_charset' | 'file_interrupted' | undefined {
  if (error instanceof SilentSenderError) return 'file_interrupted';
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code !== undefined && OF_COMPRESSION.test(code)) return 'malformed_encoding';
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'malformed_charset' : undefined;
}
