import { Inject, Injectable } from '@nestjs/common';
import type { CallType } from '@tributary/events';
import { failed, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { randomUUID } from 'node:crypto';
import { EVENT_LOG, type EventLog } from '../log/event-log.port.js';
import { SOURCE_REGISTRY, type Source, type SourceRegistry } from '../sources/source-registry.port.js';
import { errorAnswer, errorText, judgedAnswer, type Answer, type ErrorCode } from './answer.js';
import { IntakeMetrics } from './intake.metrics.js';
import { judge, type RequestFacts } from './judge.js';
import { rejectedRecord } from './mapping.js';
import {
  parseJson,
  readPayload,
  writeKeyIn,
  type Payload,
  type PayloadReader,
  type Refusal,
} from './payload.js';

/** A request as HTTP brought it, its body decompressed. */
export interface IntakeRequest {
  readonly route: string;
  /** The type of the route's one call; none on the batch route. */
  readonly type?: CallType;
  readonly body: Buffer;
  /** Set where the body could not be decompressed; it is the bytes as they came then. */
  readonly malformed?: boolean;
  /** The write key of the Authorization header. */
  readonly writeKey?: string;
  readonly ip?: string;
  readonly userAgent?: string;
  /** The source whose key it must be. */
  readonly sourceId?: string;
  /** How the body becomes calls; as on a tracking route, unless given. */
  readonly read?: PayloadReader;
}

/** The way of a request: parse, know the source, judge call by call, keep all of it, answer. */
@Injectable()
export class Intake {
  constructor(
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly metrics: IntakeMetrics,
  ) {}

  /** Whether a write key is good; undefined when it is, so that a bad one costs no reading of the body. */
  refusalOf(writeKey: string): ErrorCode | undefined {
    const source = this.sources.sourceOf(writeKey);
    if (!source) return 'unknown_write_key';
    return source.enabled ? undefined : 'source_disabled';
  }

  async take(request: IntakeRequest): Promise<Answer> {
    const parsed = request.malformed ? undefined : parseJson(request.body);
    const writeKey = request.writeKey ?? writeKeyIn(parsed);
    if (writeKey === undefined) return errorAnswer('missing_write_key');
    const refusal = this.refusalOf(writeKey);
    const source = this.sources.sourceOf(writeKey);
    if (refusal || !source) return errorAnswer(refusal ?? 'unknown_write_key');

    if ((request.sourceId ?? source.sourceId) !== source.sourceId) return errorAnswer('wrong_write_key');

    const facts = this.#factsOf(request, source);
    if (request.malformed) return this.#refuse(facts, { code: 'malformed_encoding' });
    const payload = read(request, parsed, source);
    if (!payload.ok) return this.#refuse(facts, payload.error);
    const judged = judge(payload.value, facts);
    if (!judged.ok) return this.#refuse(facts, { code: judged.error });

    const appended = await this.log.append(judged.value.records);
    if (!appended.ok) return errorAnswer(appended.error);
    const { accepted, rejected } = judged.value;
    this.metrics.judged(source, accepted, rejected);
    return judgedAnswer(accepted, rejected);
  }

  /** A request that is refused whole is kept whole. */
  async #refuse(facts: RequestFacts, { code, message = errorText(code) }: Refusal): Promise<Answer> {
    const reasons = [{ code, field: '', message }];
    const { source, route, receivedAt, body: raw, ip, userAgent } = facts;
    const request = { ...(ip && { ip }), ...(userAgent && { userAgent }) };
    const record = rejectedRecord({ source, route, receivedAt, raw, rawIs: 'request', request, reasons });
    const appended = await this.log.append([record]);
    if (!appended.ok) return errorAnswer(appended.error);
    this.metrics.refused(facts.source, code);
    return errorAnswer(code, {}, message);
  }

  #factsOf({ route, body, ip, userAgent, read: own }: IntakeRequest, source: Source): RequestFacts {
    return {
      source,
      route,
      body,
      receivedAt: this.clock.now(),
      newMessageId: () => randomUUID(),
      ...(own ? { measured: true } : {}),
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
    };
  }
}

function read({ read: own, type }: IntakeRequest, parsed: unknown, source: Source): Result<Payload, Refusal> {
  if (own && parsed !== undefined) return own(parsed, source);
  const payload = readPayload(parsed, type);
  return payload.ok ? payload : failed({ code: payload.error });
}
