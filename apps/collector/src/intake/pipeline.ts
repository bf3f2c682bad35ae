import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Refusals } from '../admission/refusals.js';
import { NORMALISERS, type Normalisers } from '../identity-rules/normalisers.port.js';
import { RateLimiter } from '../sources/rate-limiter.js';
import { SOURCE_REGISTRY, type Source, type SourceRegistry } from '../sources/source-registry.port.js';
import { SUPPRESSIONS, type Suppressions } from '../suppressions/suppressions.port.js';
import type { Answer } from './answer.js';
import { findSource } from './find-source.js';
import { misplacedBatch } from './misplaced-batch.js';
import type { Outcome } from './outcome.js';
import { Publisher } from './publisher.js';
import { readCalls } from './read-calls.js';
import type { Refusal } from './reasons.js';
import { Reception } from './reception.js';
import type { IntakeRequest, RequestFacts } from './request.js';
import { validateCalls } from './validate-calls.js';

/**
 * From a request to its answer. Admission stands before it (`admission/admission.ts`), and the handler of the route has
 * unpacked the body. Each step is a function in a file of its own; what ends the way early is an {@link Outcome}.
 */
@Injectable()
export class Pipeline {
  constructor(
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    private readonly refusals: Refusals,
    private readonly rates: RateLimiter,
    @Inject(NORMALISERS) private readonly normalisers: Normalisers,
    private readonly reception: Reception,
    private readonly publisher: Publisher,
    @Inject(SUPPRESSIONS) private readonly suppressions: Suppressions,
  ) {}

  async take(request: IntakeRequest): Promise<Answer> {
    // 7. Publish, count, answer: nothing before this leaves the process.
    return this.publisher.publish(this.#outcomeOf(request));
  }

  /** Keeps a body that another reader refuses whole, and answers it. */
  refuseWhole(
    source: Source,
    request: Pick<IntakeRequest, 'route' | 'body'>,
    refusal: Refusal,
  ): Promise<Answer> {
    const facts = this.#factsOf(request, source);
    this.reception.took(1);
    return this.publisher.publish({ is: 'refused', facts, refusal });
  }

  /** In one go: slices of a body are valid until the next request is read. */
  #outcomeOf(request: IntakeRequest): Outcome {
    // 1. The source: by the write key beside the body, else by the one in it, which is parsed for that.
    const sent = findSource(request, this.sources, this.refusals);
    if (!sent.ok) return { is: 'not-kept', refusal: sent.error };
    const { source, parsed } = sent.value;

    // 2. Its place in the order of receipt. What could not be unpacked has no calls, and takes none.
    const facts = this.#factsOf(request, source);
    if (request.malformed) return { is: 'refused', facts, refusal: { code: request.malformed } };

    // 3. The calls: slices, or parsed.
    const calls = readCalls(request, facts, parsed);
    this.reception.took(calls.ok ? calls.value.count : 1);
    if (!calls.ok) return { is: 'refused', facts, refusal: calls.error };

    // 4. The rate takes all calls or none, before the validation, which is the larger part of the work.
    const waitMs = this.rates.take(source, calls.value.count);
    if (waitMs > 0) return { is: 'not-kept', refusal: { source, code: this.rates.reasonOf(source), waitMs } };

    // 5. Each call (`validate-call.ts`): slice, or plan, normalise, validate, identify; then its record.
    const validated = validateCalls(calls.value, facts);
    if (!validated.ok) return { is: 'refused', facts, refusal: { code: validated.error } };

    // 6. One call that is no call may be a batch.
    const misplaced = misplacedBatch(request.type, calls.value, validated.value);
    if (misplaced) return { is: 'refused', facts, refusal: misplaced };
    return { is: 'validated', facts, validation: validated.value };
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
      normaliserOf: this.normalisers.of(source.workspaceId),
      isSuppressed: this.suppressions.of(source.workspaceId),
      newMessageId: () => randomUUID(),
      ...(read ? { measured: true } : {}),
      ...(contentType === undefined ? {} : { contentType }),
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
    };
  }
}
