import { TOPICS } from '@tributary/contracts';
import { observationsOf, type ObservationsState } from '@tributary/identity';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { parseScopedKey, type Identifier } from '@tributary/kernel';
import type { PartitionContext, PartitionProcessor } from '@tributary/state';
import { StepRecords } from '../resolver/step-records.js';
import { Told } from './told.js';

const EVENT = 'event@1';

/**
 * Tells identifiers who occurred beside them; the headers say all there is to know, no body is parsed. Where this
 * process has told all of an event before, it does not even look at the state.
 */
export class ObservationsProcessor implements PartitionProcessor {
  readonly #told: Told;

  /** Remembers what it told in texts of so many units. */
  constructor(
    private readonly context: PartitionContext<ObservationsState>,
    remembered: number,
  ) {
    this.#told = new Told(remembered);
  }

  handle(batch: PartitionBatch): readonly (readonly OutgoingRecord[])[] {
    const step = new StepRecords();
    for (const record of batch.records) {
      const { schema, identifiers = '[]', receivedAt = '' } = record.headers;
      if (schema !== EVENT) continue;
      // The key is the workspace and the first of the identifiers.
      const who = record.key + identifiers;
      if (this.#told.has(who, receivedAt)) continue;
      this.#tell(record, identifiers, receivedAt, step);
      this.#told.add(who, receivedAt);
    }
    return [step.take()];
  }

  #tell(record: LogRecord, listed: string, receivedAt: string, step: StepRecords): void {
    const { state } = this.context;
    const { key, offset } = record;
    if (state.isFolded(key, TOPICS.events.name, offset)) return;
    const { workspaceId } = parseScopedKey(key);
    const identifiers = JSON.parse(listed) as readonly Identifier[];
    const observed = observationsOf(state.get(key), identifiers, Date.parse(receivedAt), offset);
    if (observed.isChanged) state.set(key, observed.state, TOPICS.events.name, offset);
    if (observed.observation) step.send(workspaceId, [observed.observation]);
  }
}
