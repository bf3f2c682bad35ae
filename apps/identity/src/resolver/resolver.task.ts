import { TOPICS } from '@tributary/contracts';
import { DEFAULT_RULES, newResolverState, Resolver, type ResolverState } from '@tributary/identity';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { parseScopedKey, type Identifier } from '@tributary/kernel';
import type { PartitionContext, PartitionTask, Phases, TableWriter } from '@tributary/state';
import { fromLinkRecord, toAssignmentRecord, toLinkRecord } from './mapping.js';

const LINKS = TOPICS.links.name;

/** How long a root waits for the other links of the event that brought one. */
const COALESCE_MS = 50;
const UNANSWERED = 'unanswered';

/** The identifiers of one partition: takes their messages in, assigns, and answers what roots have heard. */
export class ResolverTask implements PartitionTask {
  readonly #resolvers = new Map<string, Resolver>();
  readonly #unanswered = new Set<string>();

  constructor(
    private readonly context: PartitionContext<ResolverState>,
    private readonly now: () => number,
  ) {}

  restored(): Phases {
    for (const { key } of this.context.store.range(UNANSWERED, '')) this.#unanswered.add(key);
    if (this.context.tablesBehind) for (const { key } of this.context.state.all()) this.#unanswered.add(key);
    return this.wake();
  }

  handle(batch: PartitionBatch): Phases {
    const out: OutgoingRecord[] = [];
    const assigned = new Map<string, OutgoingRecord>();
    for (const record of batch.records) {
      if (this.context.state.isFolded(record.key, LINKS, record.offset)) continue;
      out.push(...this.#apply(record));
      // After each record, however many a batch has: what was told before a crash must be in `formerly` after it.
      const assignment = this.#assign(record);
      if (assignment) assigned.set(record.key, assignment);
    }
    return [[...out, ...assigned.values()]];
  }

  wake(): Phases {
    const keys = [...this.#unanswered];
    this.#unanswered.clear();
    return [keys.flatMap((key) => this.#answer(key))];
  }

  /** The same assignment, of the same version: only the instant at which it is said is another. */
  restate(_topic: string, key: string): OutgoingRecord | undefined {
    const assignment = this.context.state.get(key)?.assignment;
    const cause = { key, partition: this.context.partition, timestamp: this.now() };
    return assignment && toAssignmentRecord(cause, assignment);
  }

  checkpoint(writer: TableWriter): void {
    writer.clear(UNANSWERED);
    for (const key of this.#unanswered) writer.put(UNANSWERED, key, '');
  }

  #apply(record: LogRecord): readonly OutgoingRecord[] {
    const { resolver, me, workspaceId, state } = this.#identifier(record.key);
    const messages = resolver.apply(me, state, fromLinkRecord(record), record.offset);
    this.context.state.set(record.key, state, LINKS, record.offset);
    return messages.map((message) => toLinkRecord(workspaceId, message));
  }

  #assign(record: LogRecord): OutgoingRecord | undefined {
    const { resolver, me, state } = this.#identifier(record.key);
    if (resolver.hasNews(me, state)) {
      this.#unanswered.add(record.key);
      this.context.wakeAt(this.now() + COALESCE_MS);
    }
    const assignment = resolver.assign(me, state, record.offset);
    return assignment && toAssignmentRecord(record, assignment);
  }

  #answer(key: string): readonly OutgoingRecord[] {
    const { resolver, me, workspaceId, state } = this.#identifier(key);
    const messages = resolver.answer(me, state, this.context.state.lastFolded(key, LINKS));
    if (messages.length > 0) this.context.state.replace(key, state);
    return messages.map((message) => toLinkRecord(workspaceId, message));
  }

  #identifier(key: string) {
    const { workspaceId, id } = parseScopedKey(key);
    const me = id as Identifier;
    const resolver = this.#resolvers.get(workspaceId) ?? new Resolver(workspaceId, DEFAULT_RULES);
    this.#resolvers.set(workspaceId, resolver);
    return { resolver, me, workspaceId, state: this.context.state.get(key) ?? newResolverState(me) };
  }
}
