import { Inject, Injectable } from '@nestjs/common';
import type { CallType } from '@tributary/events';
import { failed, ok, type Result } from '@tributary/kernel';
import { randomUUID } from 'node:crypto';
import { Refusals } from '../admission/refusals.js';
import { NORMALISERS, type Normalisers } from '../identity-rules/normalisers.port.js';
import { EVENT_LOG, type EventLog } from '../log/event-log.port.js';
import { RateLimiter } from '../sources/rate-limiter.js';
import { SOURCE_REGISTRY, type Source, type SourceRegistry } from '../sources/source-registry.port.js';
import { errorAnswer, errorText, decidedAnswer, type Answer } from './answer.js';
import { parsedCalls, slicedCalls, type Calls } from './calls.js';
import { IntakeMetrics } from './intake.metrics.js';
import { validate, type RequestFacts } from './validate.js';
import { rejectedRecord } from './records.js';
import { Reception } from './reception.js';
import {
  BATCH_MISPLACED,
  isBatch,
  parseJson,
  readPayload,
  writeKeyIn,
  type Payload,
  type PayloadReader,
  type Refusal,
} from './payload.js';
import { faultIn, nearPayload, writeKeyNear } from './unreadable.js';

/** A request as HTTP brought it, its body decompressed. */
export interface IntakeRequest {
  readonly route: string;
  /** The type of the route's one call; none on the batch route. */
  readonly type?: CallType;
  readonly body: Buffer;
  /** Why the body could not be unpacked or decoded; it is the bytes as they came then. */
  readonly malformed?: 'malformed_encoding' | 'malformed_charset' | 'invalid_utf8';
  /** The write key of the Authorization header. */
  readonly writeKey?: string;
  readonly ip?: string;
  readonly userAgent?: string;
  /** The source whose key it must be. */
  readonly sourceId?: string;
  /** The body as read, where it is no JSON, and what it is. */
  readonly parsed?: object;
  readonly contentType?: string;
  /** How the body becomes calls; as on a tracking route, unless given. */
  readonly read?: PayloadReader;
  /** The origin of the page that a browser sends from. */
  readonly origin?: string;
}

/** The way of a request: parse, know the source, validate call by call, keep all of it, answer. */
@Injectable()
export class Intake {
  constructor(
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly refusals: Refusals,
    private readonly metrics: IntakeMetrics,
    private readonly rates: RateLimiter,
    @Inject(NORMALISERS) private readonly normalisers: Normalisers,
    private readonly reception: Reception,
  ) {}

  async take(request: IntakeRequest): Promise<Answer> {
    // Without a key beside the body, it has to be parsed to know whose it is.
    let parsed: unknown = request.parsed;
    let writeKey = request.writeKey;
    if (writeKey === undefined && parsed === undefined && !request.malformed) {
      parsed = parseJson(request.body);
      writeKey = parsed === undefined ? writeKeyNear(request.body) : writeKeyIn(parsed);
    }
    if (writeKey === undefined) return this.refusals.notKept(undefined, 'missing_write_key');
    const refusal = this.refusals.ofKey(writeKey, request.origin);
    const source = this.sources.sourceOf(writeKey);
    if (refusal || !source) return refusal ?? this.refusals.notKept(source, 'unknown_write_key');

    if ((request.sourceId ?? source.sourceId) !== source.sourceId)
      return this.refusals.notKept(source, 'wrong_write_key');

    const facts = this.#factsOf(request, source);
    if (request.malformed) return this.#refuse(facts, { code: request.malformed });
    const calls = callsOf(request, facts, parsed);
    this.reception.took(calls.ok ? calls.value.count : 1);
    if (!calls.ok) return this.#refuse(facts, calls.error);
    // Counted and taken whole, before the validating, which is the larger part of the work.
    const waitMs = this.rates.take(source, calls.value.count);
    if (waitMs > 0) return this.refusals.rateLimited(source, waitMs);
    const validated = validate(calls.value, facts);
    if (!validated.ok) return this.#refuse(facts, { code: validated.error });
    if (request.type && validated.value.accepted === 0 && isBatch(calls.value.value(0)))
      return this.#refuse(facts, { code: 'invalid_body', message: BATCH_MISPLACED });

    const appended = await this.log.append(validated.value.records, source.sourceId);
    if (!appended.ok) return this.refusals.notKept(source, appended.error);
    const { accepted, rejected, flagCounts } = validated.value;
    this.metrics.validated(source, validated.value);
    return decidedAnswer(accepted, rejected, flagCounts);
  }

  /** Keeps a body that another reader refuses whole, and answers it. */
  refuseWhole(
    source: Source,
    request: Pick<IntakeRequest, 'route' | 'body'>,
    refusal: Refusal,
  ): Promise<Answer> {
    const facts = this.#factsOf(request, source);
    this.reception.took(1);
    return this.#refuse(facts, refusal);
  }

  /** A request that is refused whole is kept whole. */
  async #refuse(facts: RequestFacts, refusal: Refusal): Promise<Answer> {
    const { code, field = '', message = errorText(code) } = refusal;
    const reasons = [{ code, field, message }];
    const { source, route, receivedAt, sequence, body: raw, ip, userAgent } = facts;
    const request = {
      ...(ip && { ip }),
      ...(userAgent && { userAgent }),
      ...(facts.contentType && { contentType: facts.contentType }),
    };
    const record = rejectedRecord({
      source,
      route,
      receivedAt,
      sequence,
      raw,
      rawIs: 'request',
      request,
      reasons,
    });
    const appended = await this.log.append([record], source.sourceId);
    if (!appended.ok) return this.refusals.notKept(source, appended.error);
    this.metrics.refused(source, code);
    return errorAnswer(code, {}, message);
  }

  #factsOf(
    { route, body, ip, userAgent, read, contentType }: Omit<IntakeRequest, 'writeKey'>,
    source: Source,
  ): RequestFacts {
    return {
      source,
      route,
      body,
      ...this.reception.now(),
      clockToleranceMs: this.reception.clockToleranceMs,
      normaliserOf: this.normalisers.normaliserOf,
      newMessageId: () => randomUUID(),
      ...(read ? { measured: true } : {}),
      ...(contentType === undefined ? {} : { contentType }),
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
    };
  }
}

function callsOf(request: IntakeRequest, facts: RequestFacts, parsed: unknown): Result<Calls, Refusal> {
  const { read, type } = request;
  const sliced = parsed === undefined && !read ? slicedCalls(facts, type) : undefined;
  if (sliced) return ok(sliced);
  const value = parsed ?? parseJson(facts.body);
  const payload = payloadOf(value, request, facts);
  return payload.ok ? ok(parsedCalls(payload.value, facts.body)) : payload;
}

function payloadOf(
  parsed: unknown,
  { read, type }: IntakeRequest,
  { body, source }: RequestFacts,
): Result<Payload, Refusal> {
  if (parsed === undefined) return read || type ? failed(faultIn(body)) : nearPayload(body);
  if (read) return read(parsed, source);
  return readPayload(parsed, type);
}
