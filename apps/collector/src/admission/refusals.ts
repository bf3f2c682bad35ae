import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { errorAnswer, errorText, rateLimitedAnswer, type Answer } from '../intake/answer.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import type { NotKept } from '../intake/reasons.js';
import { mayUse } from '../sources/origins.js';
import { RateLimiter } from '../sources/rate-limiter.js';
import { UNBOUNDED, WORKSPACES, type Workspaces } from '../sources/workspaces.port.js';
import { SOURCE_REGISTRY, type SourceRegistry } from '../sources/source-registry.port.js';

/** The requests that are refused and not kept: the one place where they are counted and answered. */
@Injectable()
export class Refusals {
  constructor(
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly rates: RateLimiter,
    private readonly metrics: IntakeMetrics,
    @Inject(WORKSPACES) private readonly workspaces: Workspaces = UNBOUNDED,
  ) {}

  /**
   * Refuses a write key, from a page of this origin if any, whatever the body says, so that the body need not be read;
   * undefined where the answer depends on the body.
   */
  ofKey(writeKey: string, origin?: string): NotKept | undefined {
    const source = this.sources.sourceOf(writeKey);
    if (!source) return { code: this.sources.isKnown ? 'unknown_write_key' : 'sources_unknown' };
    if (!this.workspaces.isEnabled(source.workspaceId)) return { source, code: 'workspace_disabled' };
    if (!source.enabled) return { source, code: 'source_disabled' };
    if (!mayUse(source, origin)) return { source, code: 'origin_not_allowed' };
    const waitMs = this.rates.waitOf(source);
    return waitMs > 0 ? { source, code: this.rates.reasonOf(source), waitMs } : undefined;
  }

  /** Counts a refusal and answers it. */
  answer({ source, code, waitMs }: NotKept, message = errorText(code), more: object = {}): Answer {
    this.metrics.notKept(source, code);
    return waitMs === undefined
      ? errorAnswer(code, more, message)
      : rateLimitedAnswer(code, waitMs, this.clock.now());
  }
}
