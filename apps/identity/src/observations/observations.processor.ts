import { TOPICS } from '@tributary/contracts';
import { observationsOf, type ObservationsState } from '@tributary/identity';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { parseScopedKey, type Identifier } from '@tributary/kernel';
import type { PartitionContext, PartitionProcessor } from '@tributary/state';
import { toLinkRecord } from '../resolver/step-records.js';

const EVENT = 'event@1';

/** Tells every identifier who occurred beside it; the headers say all there is to know, no body is parsed. */
export class ObservationsProcessor implements PartitionProcessor {
  constructor(private readonly context: PartitionContext<ObservationsState>) {}

  handle(batch: PartitionBatch): readonly (readonly OutgoingRecord[])[] {
    return [
      batch.records
        .filter((record) => record.headers.schema === EVENT)
        .flatMap((record) => this.#tell(record)),
    ];
  }

  #tell(record: LogRecord): readonly OutgoingRecord[] {
    const { state } = this.context;
    if (state.isFolded(record.key, TOPICS.events.name, record.offset)) return [];
    const { workspaceId } = parseScopedKey(record.key);
    const identifiers = JSON.parse(record.headers.identifiers ?? '[]') as readonly Identifier[];
    const receivedAt = Date.parse(record.headers.receivedAt ?? '');
    const observed = observationsOf(state.get(record.key), identifiers, receivedAt, record.offset);
    if (observed.isChanged) state.set(record.key, observed.state, TOPICS.events.name, record.offset);
    return observed.observation ? [toLinkRecord(workspaceId, observed.observation)] : [];
  }
}
