import { Inject, Injectable } from '@nestjs/common';
import {
  TOPICS,
  type RejectedMessage,
  type ReplayAnswer,
  type ReplayOutcome,
  type ReplayRequest,
} from '@tributary/contracts';
import { compileMapping } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import { failed, nameUuid, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { setImmediate as breath } from 'node:timers/promises';
import { NORMALISERS, type Normalisers } from '../identity-rules/normalisers.port.js';
import { errorText } from '../intake/answer.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { parsedCalls } from '../intake/calls.js';
import type { Validation } from '../intake/outcome.js';
import type { RequestFacts } from '../intake/request.js';
import { validateCalls } from '../intake/validate-calls.js';
import { replayedRecord } from '../intake/records.js';
import { Reception } from '../intake/reception.js';
import { faultIn } from '../intake/unreadable.js';
import { IMPORT_PATH } from '../http/routes.table.js';
import { EVENT_LOG, type AppendFailure, type EventLog } from '../log/event-log.port.js';
import { SOURCE_REGISTRY, type Source, type SourceRegistry } from '../sources/source-registry.port.js';
import { SUPPRESSIONS, type Suppressions } from '../suppressions/suppressions.port.js';
import { bodyOf } from './rejected-body.js';
import { mended, type MendedCalls, type Mending } from './replayed-payload.js';
import { samplesOf } from './samples.js';

type RejectedRecord = ReplayRequest['records'][number];
type Reason = ReplayOutcome['reasons'][number];

/** What came of validating one record again. */
interface Validated {
  readonly source: Source;
  readonly calls: MendedCalls;
  readonly validation: Validation;
}

/** Why nothing was replayed: a step of the mapping that is none, or a log that takes nothing. */
export type ReplayFailure = AppendFailure | { readonly mapping: string };

const MESSAGES = Buffer.from('0d5b0a6e5a1b4a3c8e1f7d2c9b3a6f48', 'hex');
const APPENDED_AT_ONCE = 500;
const BREATH_EVERY = 20;

/**
 * Validates what was rejected again, mended, as if it had come through its endpoint at its time. What passes goes to the log
 * together with the fact that it did; a record of which nothing passes stays as it is.
 */
@Injectable()
export class Replay {
  constructor(
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly metrics: IntakeMetrics,
    @Inject(NORMALISERS) private readonly normalisers: Normalisers,
    private readonly reception: Reception,
    @Inject(SUPPRESSIONS) private readonly suppressions: Suppressions,
  ) {}

  async again(request: ReplayRequest): Promise<Result<ReplayAnswer, ReplayFailure>> {
    const mending = mendingOf(request.mapping);
    if (!mending.ok) return failed({ mapping: mending.error });
    const outcomes: ReplayOutcome[] = [];
    let unwritten: OutgoingRecord[] = [];
    for (const [at, record] of request.records.entries()) {
      if (at % BREATH_EVERY === BREATH_EVERY - 1) await breath();
      const validated = this.#validate(
        record,
        await bodyOf(record.rejected, request.mapping.repair ?? false),
        mending.value,
      );
      outcomes.push(outcomeOf(record, validated, at < request.samples));
      if (request.dryRun || !validated.ok || validated.value.validation.accepted === 0) continue;
      unwritten.push(...this.#recordsOf(record, validated.value));
      if (unwritten.length < APPENDED_AT_ONCE) continue;
      const appended = await this.log.append(unwritten);
      if (!appended.ok) return appended;
      unwritten = [];
    }
    const appended = unwritten.length > 0 ? await this.log.append(unwritten) : ok(undefined);
    return appended.ok ? ok({ outcomes }) : appended;
  }

  #validate(
    { partition, offset, rejected }: RejectedRecord,
    parsed: unknown,
    mending: Mending,
  ): Result<Validated, Reason> {
    const source = this.sources.sourceWithId(rejected.workspaceId, rejected.sourceId);
    if (!source) {
      return failed({ code: 'unknown_source', field: '', message: 'the source is no more' });
    }
    if (!source.enabled) return failed(reasonOf('source_disabled'));
    const raw = Buffer.from(rejected.raw, 'base64');
    if (parsed === undefined) return failed(unreadable(raw));
    const calls = mended(rejected, parsed, source, mending);
    if (!calls.ok) return failed(reasonOf(calls.error.code, calls.error.message));
    const validation = validateCalls(parsedCalls(calls.value.payload, raw), {
      ...factsOf(rejected, source, raw, `${partition}/${offset}`),
      normaliserOf: this.normalisers.of(source.workspaceId),
      isSuppressed: this.suppressions.of(source.workspaceId),
      clockToleranceMs: this.reception.clockToleranceMs,
    });
    if (!validation.ok) return failed(reasonOf(validation.error));
    return ok({ source, calls: calls.value, validation: validation.value });
  }

  #recordsOf({ partition, offset, rejected }: RejectedRecord, { source, validation }: Validated) {
    const { accepted, records } = validation;
    this.metrics.validated(source, validation);
    const { workspaceId, sourceId } = rejected;
    const at = toInstant(this.clock.now());
    return [
      ...records,
      replayedRecord({ workspaceId, sourceId, rejected: { partition, offset }, at, accepted }),
    ];
  }
}

/** Why a mapping has nothing to begin with. */
function unreadable(raw: Buffer): Reason {
  const { code, field = '', message = errorText(code) } = faultIn(raw);
  return { code, field, message: `${message}; a mapping mends it only together with "repair": true` };
}

/** The very ids each time: a record that is replayed twice makes duplicates, which count once. */
function factsOf(
  rejected: RejectedMessage,
  source: Source,
  body: Buffer,
  place: string,
): Omit<RequestFacts, 'normaliserOf' | 'clockToleranceMs'> {
  const { ip, userAgent } = rejected.request ?? {};
  return {
    source,
    route: rejected.route,
    receivedAt: Date.parse(rejected.receivedAt),
    sequence: rejected.sequence ?? 0,
    body,
    measured: true,
    keepsTime: rejected.route === IMPORT_PATH,
    newMessageId: (index) => nameUuid(MESSAGES, `${TOPICS.rejected.name}/${place}/${index}`),
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function outcomeOf(
  { partition, offset }: RejectedRecord,
  validated: Result<Validated, Reason>,
  sampled: boolean,
): ReplayOutcome {
  if (!validated.ok) return { partition, offset, accepted: 0, rejected: 1, reasons: [validated.error] };
  const { calls, validation } = validated.value;
  return {
    partition,
    offset,
    accepted: validation.accepted,
    rejected: validation.rejected.length,
    reasons: validation.rejected.map(({ code, field, message }) => ({ code, field, message })),
    ...(sampled ? { calls: samplesOf(calls, validation) } : {}),
  };
}

function reasonOf(code: Parameters<typeof errorText>[0], message = errorText(code)): Reason {
  return { code, field: '', message };
}

function mendingOf({ body = [], calls = [] }: ReplayRequest['mapping']): Result<Mending, string> {
  const ofBody = compileMapping(body);
  if (!ofBody.ok) return failed(ofBody.error.map((one) => `body[${one.index}]: ${one.message}`).join('; '));
  const ofCalls = compileMapping(calls);
  if (ofCalls.ok) return ok({ body: ofBody.value, calls: ofCalls.value });
  return failed(ofCalls.error.map((one) => `calls[${one.index}]: ${one.message}`).join('; '));
}
