import type { OutgoingRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import type { AppendFailure, EventLog } from '../src/log/event-log.port.js';

/** Keeps records in memory, or fails where it is made to. */
export class InMemoryEventLog implements EventLog {
  readonly records: OutgoingRecord[] = [];
  failure: AppendFailure | undefined;

  append(records: readonly OutgoingRecord[]): Promise<Result<undefined, AppendFailure>> {
    if (this.failure) return Promise.resolve(failed(this.failure));
    this.records.push(...records);
    return Promise.resolve(ok(undefined));
  }

  /** The values written to a topic. */
  valuesOf(topic: string): readonly unknown[] {
    return this.records
      .filter((record) => record.topic === topic)
      .map((record): unknown => JSON.parse(String(record.value)));
  }
}
