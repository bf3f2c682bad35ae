import { foldAggregate } from '@tributary/audiences';
import { messageOf, TOPICS, type Activation } from '@tributary/contracts';
import type { LogRecord, Logs, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { parseScopedKey, profileIdOf, type Identifier } from '@tributary/kernel';
import {
  assign,
  canWait,
  foldEvent,
  hasRoomFor,
  isHeld,
  newFragment,
  publish,
  type PlacedFragment,
  type Truncated,
} from '@tributary/profiles';
import type { PartitionContext, PartitionProcessor, Phases, TableWriter } from '@tributary/state';
import { ActiveAggregates, type AggregatesState } from './active-aggregates.js';
import { Pace } from '../pace.js';
import { Duplicates, DUPLICATES_REMEMBERED_MS } from './duplicates.js';
import { fromAssignmentRecord, fromEventRecord, toFoldableEvent, toFragmentRecord } from './records.js';

export type FragmentsState = PlacedFragment | AggregatesState;

export interface FragmentsOptions {
  readonly holdMs: number;
  /** When an identifier was seen is published at most once in so many milliseconds. */
  readonly everyMs: number;
  readonly now: () => number;
  readonly logs: Logs;
  /** Hears of a fragment that has no room any more. */
  readonly onTruncated: (what: Truncated) => void;
}

const EVENTS = TOPICS.events.name;
const ASSIGNMENTS = TOPICS.assignments.name;
const AGGREGATES = '@aggregates';
const HELD = 'held';

/** Folds each identifier's events, and publishes what changed for the profile that identity assigns. */
export class FragmentsProcessor implements PartitionProcessor {
  readonly #duplicates: Duplicates;
  readonly #aggregates: ActiveAggregates;
  readonly #held = new Set<string>();
  #heldAtCheckpoint = new Set<string>();
  readonly #pace: Pace;

  constructor(
    private readonly context: PartitionContext<FragmentsState>,
    private readonly options: FragmentsOptions,
  ) {
    this.#duplicates = new Duplicates(context.store);
    this.#pace = new Pace(context.store, options.everyMs);
    this.#aggregates = new ActiveAggregates(
      (context.state.get(AGGREGATES) as AggregatesState | undefined) ?? { activated: {} },
    );
  }

  async restored(): Promise<Phases> {
    for (const { key } of this.context.store.range(HELD, '')) this.#heldAtCheckpoint.add(key);
    const held = new Set([...this.#heldAtCheckpoint, ...this.#pace.restore()]);
    const { tablesBehind } = this.context;
    if (tablesBehind) {
      await this.#relearnDuplicates(tablesBehind[EVENTS] ?? 0);
      for (const { key, state } of this.context.state.all()) {
        if ('unpublished' in state && state.unpublished.length > 0) held.add(key);
      }
    }
    return this.#publish([], held);
  }

  /** The window of duplicates is in no changelog: what the tables have not seen is read from the log again. */
  async #relearnDuplicates(from: number): Promise<void> {
    const { logs, now } = this.options;
    const { partition } = this.context;
    const since = now() - DUPLICATES_REMEMBERED_MS;
    const start = (await logs.bounds(EVENTS)).get(partition)?.start ?? 0;
    const range = { topic: EVENTS, partition, from: Math.max(from, start), to: this.context.startOf(EVENTS) };
    await logs.read(range, (record) => {
      if (record.headers.schema === 'event@1' && Date.parse(record.headers.receivedAt ?? '') >= since) {
        this.#duplicates.isDuplicate(record);
      }
    });
  }

  handle(batch: PartitionBatch): Phases {
    const touched = new Set<string>();
    for (const record of batch.records) {
      const isTouched = batch.topic === ASSIGNMENTS ? this.#assign(record) : this.#fold(record);
      if (isTouched) touched.add(record.key);
    }
    return this.#publish(touched);
  }

  wake(): Phases {
    return this.#publish([], [...this.#held, ...this.#pace.due(this.options.now())]);
  }

  checkpoint(writer: TableWriter): void {
    this.#duplicates.checkpoint(writer);
    this.#pace.checkpoint(writer);
    for (const key of this.#heldAtCheckpoint) if (!this.#held.has(key)) writer.remove(HELD, key);
    for (const key of this.#held) writer.put(HELD, key, '');
    this.#heldAtCheckpoint = new Set(this.#held);
  }

  #fold(record: LogRecord): boolean {
    const { state } = this.context;
    if (record.headers.schema === 'activation@1') return this.#activate(record);
    if (this.#duplicates.isDuplicate(record) || state.isFolded(record.key, EVENTS, record.offset))
      return false;
    const event = fromEventRecord(record);
    const placed = this.#placed(record.key);
    const foldable = toFoldableEvent(event);
    const hasNewPartner = foldable.identifiers
      .slice(1)
      .some((id) => !(id in placed.fragment.identifiers) && hasRoomFor(placed.fragment, id));
    const before = placed.fragment.seen?.truncated ?? [];
    const changed = [...foldEvent(placed.fragment, foldable)];
    for (const what of placed.fragment.seen?.truncated ?? []) {
      if (!before.includes(what)) this.options.onTruncated(what);
    }
    for (const aggregate of this.#aggregates.matching(event)) {
      const before = placed.fragment.aggregates[aggregate.hash];
      // The same id in every fragment of a profile, so that duplicates of several identifiers count once, too.
      const id = event.deduplicationId ?? event.messageId;
      const after = foldAggregate(before, aggregate, { time: foldable.timestamp, id });
      if (after === before) continue;
      placed.fragment.aggregates[aggregate.hash] = after;
      changed.push(`aggregate/${aggregate.hash}`);
    }
    placed.offset = record.offset;
    placed.unpublished =
      placed.unpublished.length === 0 ? changed : [...new Set([...placed.unpublished, ...changed])];
    if (hasNewPartner) {
      const deadline = placed.hold?.deadline ?? this.options.now() + this.options.holdMs;
      placed.hold = { through: record.offset, deadline };
    }
    state.set(record.key, placed, EVENTS, record.offset);
    return true;
  }

  #activate(record: LogRecord): boolean {
    const activation = messageOf(record) as Activation;
    if (this.#aggregates.activate(activation, record.offset)) {
      this.context.state.set(AGGREGATES, this.#aggregates.state, EVENTS, record.offset);
    }
    return false;
  }

  #assign(record: LogRecord): boolean {
    const { state } = this.context;
    if (!record.value || state.isFolded(record.key, ASSIGNMENTS, record.offset)) return false;
    const placed = this.#placed(record.key);
    const { workspaceId, id } = parseScopedKey(record.key);
    if (!assign(() => profileIdOf(workspaceId, id), placed, fromAssignmentRecord(record))) return false;
    state.set(record.key, placed, ASSIGNMENTS, record.offset);
    return true;
  }

  /**
   * A fragment that is held stays marked, and is looked at again when its deadline comes. When one that was touched was seen
   * is published at its turn. The due ones are published now.
   */
  #publish(touched: Iterable<string>, due: Iterable<string> = []): Phases {
    const now = this.options.now();
    const arriving: OutgoingRecord[] = [];
    const leaving: OutgoingRecord[] = [];
    const dues = new Set(due);
    for (const key of new Set([...touched, ...dues])) {
      const { workspaceId, id } = parseScopedKey(key);
      const placed = this.#placed(key);
      if (isHeld(placed, now)) {
        this.#held.add(key);
        this.context.wakeAt(placed.hold?.deadline ?? now);
        continue;
      }
      this.#held.delete(key);
      const own = () => profileIdOf(workspaceId, id);
      const mayWait = !dues.has(key) && canWait(own, placed);
      const withSeen = !mayWait || this.#pace.isDue(key, now);
      const [arrive, leave] = publish(id as Identifier, own, placed, now, { withSeen });
      if (arrive.length === 0) continue;
      this.context.state.replace(key, placed);
      arriving.push(...arrive.map((group) => toFragmentRecord(workspaceId, group)));
      leaving.push(...leave.map((group) => toFragmentRecord(workspaceId, group)));
    }
    if (this.#held.size > 0) this.context.wakeAt(now + this.options.holdMs);
    if (this.#pace.next < Infinity) this.context.wakeAt(this.#pace.next);
    return [arriving, leaving];
  }

  #placed(key: string): PlacedFragment {
    const known = this.context.state.get(key) as PlacedFragment | undefined;
    return known ?? { fragment: newFragment(), offset: -1, unpublished: [] };
  }
}
