import { isErasure, messageOf, TOPICS, type PartingMessage } from '@tributary/contracts';
import { forgetMarked, observationsOf, type ObservationsState } from '@tributary/identity';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { parseScopedKey, type Identifier } from '@tributary/kernel';
import {
  Erasures,
  type ErasedState,
  type KeyedState,
  type PartitionContext,
  type PartitionProcessor,
} from '@tributary/state';
import { StepRecords } from '../resolver/step-records.js';
import { Told } from './told.js';

const EVENT = 'event@1';

/**
 * Tells identifiers who occurred beside them; the headers say all there is to know, no body is parsed. Where this
 * process has told all of an event before, it does not even look at the state.
 */
export class ObservationsProcessor implements PartitionProcessor {
  readonly #told: Told;
  readonly #erasures: Erasures;

  /** Remembers what it told in texts of so many units. */
  constructor(
    private readonly context: PartitionContext<ObservationsState | ErasedState>,
    remembered: number,
    now: () => number,
  ) {
    this.#erasures = new Erasures(context.state as unknown as KeyedState<ErasedState>, now);
    this.#told = new Told(remembered);
  }

  handle(batch: PartitionBatch): readonly (readonly OutgoingRecord[])[] {
    if (batch.topic === TOPICS.partings.name) {
      for (const record of batch.records) this.#part(record);
      return [];
    }
    const step = new StepRecords();
    for (const record of batch.records) {
      const { schema, identifiers = '[]', receivedAt = '' } = record.headers;
      if (isErasure(record)) this.#erase(record, step);
      if (schema !== EVENT || this.#erasures.covers(record.key, Date.parse(receivedAt))) continue;
      // The key is the workspace and the first of the identifiers.
      const who = record.key + identifiers;
      if (this.#told.has(who, receivedAt)) continue;
      this.#tell(record, identifiers, receivedAt, step);
      this.#told.add(who, receivedAt);
    }
    return [step.take()];
  }

  /** Whoever comes back tells their partners anew. */
  #erase({ key, offset, headers }: LogRecord, step: StepRecords): void {
    const { state } = this.context;
    const until = Date.parse(headers.until ?? '');
    this.#erasures.remember(key, until);
    if (state.isFolded(key, TOPICS.events.name, offset)) return;
    state.delete(key);
    this.#told.clear();
    const { workspaceId, id } = parseScopedKey(key);
    step.send(workspaceId, [{ kind: 'erased', to: id as Identifier, until }]);
  }

  /** Somebody on its events was erased: it tells of them anew. */
  #part(record: LogRecord): void {
    const { state } = this.context;
    const { key, offset } = record;
    if (state.isFolded(key, TOPICS.partings.name, offset)) return;
    const told = state.get(key) as ObservationsState | undefined;
    if (!told || !forgetMarked(told, (messageOf(record) as PartingMessage).gone)) return;
    state.set(key, told, TOPICS.partings.name, offset);
    this.#told.clear();
  }

  #tell(record: LogRecord, listed: string, receivedAt: string, step: StepRecords): void {
    const { state } = this.context;
    const { key, offset } = record;
    if (state.isFolded(key, TOPICS.events.name, offset)) return;
    const { workspaceId } = parseScopedKey(key);
    const identifiers = JSON.parse(listed) as readonly Identifier[];
    const before = state.get(key) as ObservationsState | undefined;
    const observed = observationsOf(before, identifiers, Date.parse(receivedAt), offset);
    if (observed.isChanged) state.set(key, observed.state, TOPICS.events.name, offset);
    if (observed.observation) step.send(workspaceId, [observed.observation]);
  }
}
