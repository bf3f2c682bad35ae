import { isErasure, TOPICS } from '@tributary/contracts';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { parseScopedKey, profileIdOf, type Identifier } from '@tributary/kernel';
import {
  addUnpublished,
  assign,
  canWait,
  emptied,
  foldEvent,
  hasRoomFor,
  isHeld,
  newFragment,
  publish,
  type PlacedFragment,
  type Truncated,
} from '@tributary/profiles';
import {
  Erasures,
  type ErasedState,
  type KeyedState,
  type PartitionContext,
  type PartitionProcessor,
  type Phases,
  type TableWriter,
} from '@tributary/state';
import { AggregatesLife, type AggregatesLifeOptions, type FragmentsState } from './aggregates-life.js';
import { Pace } from '../pace.js';
import { Duplicates, DUPLICATES_REMEMBERED_MS } from './duplicates.js';
import { leftoversOf, removalsOf } from './removals.js';
import {
  fromAssignmentRecord,
  fromEventRecord,
  fromSeedRecord,
  isSeededRecord,
  toAccountCallRecords,
  toFoldableEvent,
  toFragmentRecord,
  toOccurrence,
} from './records.js';

export interface FragmentsOptions extends AggregatesLifeOptions {
  readonly holdMs: number;
  /** When an identifier was seen is published at most once in so many milliseconds. */
  readonly everyMs: number;
  /** Hears of a fragment that has no room any more. */
  readonly onTruncated: (what: Truncated) => void;
}

const EVENTS = TOPICS.events.name;
const ASSIGNMENTS = TOPICS.assignments.name;
const SEEDS = TOPICS.seeds.name;
const HELD = 'held';

/** Folds each identifier's events, and publishes what changed for the profile that identity assigns. */
export class FragmentsProcessor implements PartitionProcessor {
  readonly #duplicates: Duplicates;
  readonly #life: AggregatesLife;
  readonly #held = new Set<string>();
  #heldAtCheckpoint = new Set<string>();
  /** Those that were held when seeds were in, until they are published. */
  #heldSeeds = new Set<string>();
  readonly #pace: Pace;
  readonly #erasures: Erasures;
  /** What goes before all else of this step: what its group calls say of accounts, and what removes those that it forgets. */
  #first: OutgoingRecord[] = [];

  constructor(
    private readonly context: PartitionContext<FragmentsState>,
    private readonly options: FragmentsOptions,
  ) {
    this.#duplicates = new Duplicates(context.store);
    this.#pace = new Pace(context.store, { gatherMs: 0, everyMs: options.everyMs });
    this.#erasures = new Erasures(context.state as unknown as KeyedState<ErasedState>, options.now);
    this.#life = new AggregatesLife(context, options);
  }

  async restored(): Promise<Phases> {
    for (const { key } of this.context.store.range(HELD, '')) this.#heldAtCheckpoint.add(key);
    const held = new Set([...this.#heldAtCheckpoint, ...this.#pace.restore()]);
    const { tablesBehind } = this.context;
    if (tablesBehind) {
      const { start, end } = await this.#bounds();
      await this.#relearnDuplicates(Math.max(tablesBehind[EVENTS] ?? 0, start));
      this.#life.delay(end);
      for (const { key, state } of this.context.state.all()) {
        if ('unpublished' in state && state.unpublished.length > 0) held.add(key);
      }
    }
    this.#life.aggregates.unlearn(this.context.startOf(SEEDS));
    const phases = this.#publish([], held);
    this.#heldSeeds = new Set(this.#held);
    const isSettled = this.#life.settleSeeds(this.#heldSeeds.size > 0);
    // Those that were durable before may not have been published then.
    return this.#life.activate() || isSettled ? phases : [...phases, this.#life.activeRecords()];
  }

  redefined(): Phases {
    this.#life.activate();
    return [];
  }

  checkpointed(): Phases {
    return [this.#life.activeRecords()];
  }

  /** The window of duplicates is in no changelog: what the tables have not seen is read from the log again. */
  async #relearnDuplicates(from: number): Promise<void> {
    const { logs, now } = this.options;
    const { partition } = this.context;
    const since = now() - DUPLICATES_REMEMBERED_MS;
    const range = { topic: EVENTS, partition, from, to: this.context.startOf(EVENTS) };
    await logs.read(range, (record) => {
      const receivedAt = Date.parse(record.headers.receivedAt ?? '');
      if (isErasure(record)) this.#duplicates.forget(record.key);
      else if (receivedAt >= since && !this.#erasures.covers(record.key, receivedAt))
        this.#duplicates.isDuplicate(record);
    });
  }

  async #bounds(): Promise<{ readonly start: number; readonly end: number }> {
    const bounds = await this.options.logs.bounds(EVENTS);
    return bounds.get(this.context.partition) ?? { start: 0, end: 0 };
  }

  handle(batch: PartitionBatch): Phases {
    const touched = new Set<string>();
    let areSeedsIn = false;
    for (const record of batch.records) {
      if (batch.topic === SEEDS && isSeededRecord(record))
        areSeedsIn = this.#life.arrive(record) || areSeedsIn;
      else if (this.#take(batch.topic, record)) touched.add(record.key);
      else if (isErasure(record)) touched.delete(record.key);
    }
    const phases = this.#publish(touched);
    if (areSeedsIn) for (const key of this.#held) this.#heldSeeds.add(key);
    this.#life.settleSeeds(this.#heldSeeds.size > 0);
    const first = this.#first;
    this.#first = [];
    // What was said before goes before what is said of the same identifier from here on.
    return first.length > 0 ? [first, ...phases] : phases;
  }

  wake(): Phases {
    const touched = this.#life.retire();
    const phases = this.#publish(touched, [...this.#held, ...this.#pace.due(this.options.now())]);
    this.#life.settleSeeds(this.#heldSeeds.size > 0);
    return phases;
  }

  closed(): void {
    this.#life.closed();
  }

  /** The profile of an identifier: where its facts are, which is where identity assigned it, a moment later. */
  read(key: string): string | undefined {
    const placed = this.context.state.get(key) as PlacedFragment | undefined;
    if (!placed) return undefined;
    const { workspaceId, id } = parseScopedKey(key);
    return (placed.home ?? placed.assignment)?.profileId ?? profileIdOf(workspaceId, id);
  }

  checkpoint(writer: TableWriter): void {
    this.#duplicates.checkpoint(writer);
    this.#pace.checkpoint(writer);
    for (const key of this.#heldAtCheckpoint) if (!this.#held.has(key)) writer.remove(HELD, key);
    for (const key of this.#held) writer.put(HELD, key, '');
    this.#heldAtCheckpoint = new Set(this.#held);
  }

  #take(topic: string, record: LogRecord): boolean {
    if (topic === ASSIGNMENTS) return record.value ? this.#assign(record) : this.#unassign(record);
    if (topic === SEEDS) return this.#seed(record);
    return isErasure(record) ? this.#erase(record) : this.#fold(record);
  }

  #fold(record: LogRecord): boolean {
    const { state } = this.context;
    if (this.#erasures.covers(record.key, Date.parse(record.headers.receivedAt ?? ''))) return false;
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
    placed.born ??= record.offset;
    for (const hash of this.#life.aggregates.fold(placed, event, toOccurrence(event), record.offset))
      changed.push(`aggregate/${hash}`);
    placed.offset = record.offset;
    addUnpublished(placed, changed);
    this.#first.push(...toAccountCallRecords(event));
    if (hasNewPartner) {
      const deadline = placed.hold?.deadline ?? this.options.now() + this.options.holdMs;
      placed.hold = { through: record.offset, deadline };
    }
    state.set(record.key, placed, EVENTS, record.offset);
    return true;
  }

  /**
   * Forgets the identifier: all that it says of it lies before this record, wherever a life begins, and what it told is told
   * to go, also by a life that finds that another did so.
   */
  #erase({ key, offset, headers }: LogRecord): boolean {
    const { state } = this.context;
    const { workspaceId } = parseScopedKey(key);
    this.#erasures.remember(key, Date.parse(headers.until ?? ''));
    // The changelog ran ahead of its marker, and has events of after it.
    if (state.isFolded(key, EVENTS, offset)) return false;
    this.#duplicates.forget(key);
    this.#pace.drop(key);
    this.#held.delete(key);
    const placed = this.#placed(key);
    this.#first.push(...removalsOf(key, placed, this.#life.aggregates.groupsOf(workspaceId)));
    const left = emptied(placed);
    if (left.assignment) state.set(key, left, EVENTS, offset);
    else state.delete(key);
    return !this.#isSilent(key, left);
  }

  /** Whether there is nothing to tell of an identifier: it was forgotten, and identity has said nothing of it since. */
  #isSilent(key: string, { fragment, assignment }: PlacedFragment): boolean {
    return fragment.seen === null && (!assignment || this.#erasures.covers(key, assignment.at ?? Infinity));
  }

  #seed(record: LogRecord): boolean {
    const { state } = this.context;
    if (state.isFolded(record.key, SEEDS, record.offset)) return false;
    // It was made of events that are forgotten.
    if (this.#erasures.covers(record.key, record.timestamp)) return false;
    const placed = this.#placed(record.key);
    const seed = fromSeedRecord(record);
    if (!this.#life.aggregates.seed(placed, seed, record.offset, this.context.startOf(EVENTS))) return false;
    placed.seed = record.offset;
    addUnpublished(placed, [`aggregate/${seed.aggregate}`]);
    state.set(record.key, placed, SEEDS, record.offset);
    return true;
  }

  #assign(record: LogRecord): boolean {
    const { state } = this.context;
    if (state.isFolded(record.key, ASSIGNMENTS, record.offset)) return false;
    const placed = this.#placed(record.key);
    const { workspaceId, id } = parseScopedKey(record.key);
    if (!assign(() => profileIdOf(workspaceId, id), placed, fromAssignmentRecord(record))) return false;
    state.set(record.key, placed, ASSIGNMENTS, record.offset);
    if (this.#erasures.knows(record.key))
      this.#first.push(...leftoversOf(record.key, placed, this.#life.aggregates.groupsOf(workspaceId)));
    // Where it belonged before it was forgotten is where it belongs when it comes back, and nothing to tell.
    return !this.#isSilent(record.key, placed);
  }

  /** Identity forgot the identifier: what came of it since begins at a profile of its own. */
  #unassign({ key, offset, timestamp }: LogRecord): boolean {
    const { state } = this.context;
    const placed = this.#placed(key);
    const { assignment: before, fragment } = placed;
    if (!before || state.isFolded(key, ASSIGNMENTS, offset)) return false;
    if (fragment.seen === null) {
      state.delete(key);
      return false;
    }
    const { workspaceId, id } = parseScopedKey(key);
    const own = profileIdOf(workspaceId, id);
    const version = before.version + 1;
    const assignment = { profileId: own, version, formerly: [], resolvedThrough: -1, at: timestamp };
    assign(() => own, placed, assignment);
    state.set(key, placed, ASSIGNMENTS, offset);
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
      this.#heldSeeds.delete(key);
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
