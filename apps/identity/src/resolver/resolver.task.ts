import { TOPICS } from '@tributary/contracts';
import { DEFAULT_RULES, newResolverState, Resolver, type ResolverState } from '@tributary/identity';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { parseScopedKey, type Identifier } from '@tributary/kernel';
import type { PartitionContext, PartitionTask } from '@tributary/state';
import { fromLinkRecord, toAssignmentRecord, toLinkRecord } from './mapping.js';

const LINKS = TOPICS.links.name;

/** The identifiers of one partition: takes their messages in, and at the end of each batch answers and assigns. */
export class ResolverTask implements PartitionTask {
  readonly #resolvers = new Map<string, Resolver>();

  constructor(private readonly context: PartitionContext<ResolverState>) {}

  handle(batch: PartitionBatch): readonly (readonly OutgoingRecord[])[] {
    const out: OutgoingRecord[] = [];
    const last = new Map<string, LogRecord>();
    for (const record of batch.records) {
      if (this.context.state.isFolded(record.key, LINKS, record.offset)) continue;
      out.push(...this.#apply(record));
      last.set(record.key, record);
    }
    for (const record of last.values()) out.push(...this.#settle(record));
    return [out];
  }

  #apply(record: LogRecord): readonly OutgoingRecord[] {
    const { workspaceId, id } = parseScopedKey(record.key);
    const me = id as Identifier;
    const state = this.context.state.get(record.key) ?? newResolverState(me);
    const messages = this.#resolverOf(workspaceId).apply(me, state, fromLinkRecord(record), record.offset);
    this.context.state.set(record.key, state, LINKS, record.offset);
    return messages.map((message) => toLinkRecord(workspaceId, message));
  }

  #settle(record: LogRecord): readonly OutgoingRecord[] {
    const { workspaceId, id } = parseScopedKey(record.key);
    const me = id as Identifier;
    const state = this.context.state.get(record.key) ?? newResolverState(me);
    const { messages, assignment } = this.#resolverOf(workspaceId).settle(me, state, record.offset);
    this.context.state.set(record.key, state, LINKS, record.offset);
    const out = messages.map((message) => toLinkRecord(workspaceId, message));
    return assignment ? [...out, toAssignmentRecord(record, assignment)] : out;
  }

  #resolverOf(workspaceId: string): Resolver {
    const known = this.#resolvers.get(workspaceId);
    if (known) return known;
    const resolver = new Resolver(workspaceId, DEFAULT_RULES);
    this.#resolvers.set(workspaceId, resolver);
    return resolver;
  }
}
