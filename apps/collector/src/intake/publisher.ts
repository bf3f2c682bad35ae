import { Inject, Injectable } from '@nestjs/common';
import { ok } from '@tributary/kernel';
import { Refusals } from '../admission/refusals.js';
import { holderOf } from '../log/in-flight.js';
import { EVENT_LOG, type EventLog } from '../log/event-log.port.js';
import { decidedAnswer, errorAnswer, errorText, type Answer } from './answer.js';
import { IntakeMetrics } from './intake.metrics.js';
import type { Outcome } from './outcome.js';
import { refusedRecord } from './rejections.js';

/** Nothing is to be kept where all calls are suppressed. */
const KEPT = ok(undefined);

/** The effects of an outcome, in this order: its records are in the log, then it is counted, then it is answered. */
@Injectable()
export class Publisher {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly metrics: IntakeMetrics,
    private readonly refusals: Refusals,
  ) {}

  async publish(outcome: Outcome): Promise<Answer> {
    if (outcome.is === 'not-kept') return this.refusals.answer(outcome.refusal);
    const { source } = outcome.facts;
    const records =
      outcome.is === 'validated'
        ? outcome.validation.records
        : [refusedRecord(outcome.facts, outcome.refusal)];
    const appended = records.length > 0 ? await this.log.append(records, holderOf(source)) : KEPT;
    if (!appended.ok) return this.refusals.answer({ source, code: appended.error });
    if (outcome.is === 'refused') {
      const { code, message = errorText(code) } = outcome.refusal;
      this.metrics.refused(source, code);
      return errorAnswer(code, {}, message);
    }
    const { accepted, rejected, flagCounts } = outcome.validation;
    this.metrics.validated(source, outcome.validation);
    return decidedAnswer(accepted, rejected, flagCounts);
  }
}
