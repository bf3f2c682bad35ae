import { messageOf, RULES_COPY_ID, TOPICS, type RulesCopyMessage } from '@tributary/contracts';
import {
  assign,
  isNothing,
  newResolverState,
  Resolver,
  type Message,
  type ResolverState,
} from '@tributary/identity';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { inGeneration, parseScopedKey, partitionOf, scopedKey, type Identifier } from '@tributary/kernel';
import type { KeyedState, PartitionContext, PartitionProcessor, Phases, TableWriter } from '@tributary/state';
import type { IdentityControl } from '../control/identity-control.js';
import { PastGenerations, type PastState } from './past-generations.js';
import {
  fromLinkRecord,
  toAssignmentRecord,
  toAssignmentRemoval,
  toPartingRecord,
  toRulesCopyRecord,
} from './records.js';
import { Review } from './review.js';
import { RulesHistory, type RulesState } from './rules-history.js';
import { StepRecords, toLinkRecord } from './step-records.js';

const LINKS = TOPICS.links.name;

/** How long a leader waits for the other links of the event that brought one. */
const COALESCE_MS = 50;
/** Between two steps of a review. */
const REVIEW_EVERY_MS = 50;
const UNANSWERED = 'unanswered';
const COPIED = 'copied';
const SPLITS = 'splits';

/** What a partition keeps of an identifier, or, under keys of their own, of the rules and of generations that are over. */
export type IdentityState = ResolverState | RulesState | PastState;

export interface ResolverProcessorOptions {
  readonly control: Pick<IdentityControl, 'rules' | 'splitsAfter'>;
  readonly partitions: number;
  /** Identifiers of a partition that are decided again within a second of a change of the rules. */
  readonly reviewsPerSecond: number;
  readonly now: () => number;
  /** Called for each link that joins nobody, by the rule that refused it. */
  readonly onRefused: (rule: string) => void;
}

/** One workspace in this partition. */
interface Workspace {
  rules: RulesHistory;
  readonly resolver: Resolver;
}

/** The identifiers of one partition: takes their messages in, assigns, and answers what leaders have heard. */
export class ResolverProcessor implements PartitionProcessor {
  readonly #workspaces = new Map<string, Workspace>();
  readonly #unanswered = new Set<string>();
  readonly #review: Review<IdentityState>;
  readonly #past: PastGenerations;
  /** The version of the last split that was copied into this partition. */
  #copiedSplits = -1;

  constructor(
    private readonly context: PartitionContext<IdentityState>,
    private readonly options: ResolverProcessorOptions,
  ) {
    this.#review = new Review(context.state, context.store);
    this.#past = new PastGenerations(context.state as unknown as KeyedState<PastState>, options.now);
  }

  restored(): Phases {
    const { store, state, tablesBehind } = this.context;
    for (const { key } of store.range(UNANSWERED, '')) this.#unanswered.add(key);
    if (tablesBehind) {
      for (const { key, state: one } of state.all()) if (isOfIdentifier(one)) this.#unanswered.add(key);
      this.#review.begin();
    } else {
      this.#copiedSplits = Number(store.getFrom(COPIED, SPLITS) ?? -1);
      this.#review.restore();
    }
    return [...this.redefined(), ...this.wake()];
  }

  /** Copies what people decided since into the partition: in force for what lies behind it there. */
  redefined(): Phases {
    const { partition } = this.context;
    const rules = [...this.options.control.rules]
      .filter(({ workspaceId, version }) => version > this.#workspace(workspaceId).rules.latest)
      .map((inForce) => toRulesCopyRecord(inForce, partition));
    const splits = this.options.control.splitsAfter(this.#copiedSplits).flatMap((split) => {
      const { workspaceId, pair, apart, version } = split;
      this.#copiedSplits = version;
      return [pair, [pair[1], pair[0]] as const]
        .filter(([to]) => partitionOf(scopedKey(workspaceId, to), this.options.partitions) === partition)
        .map(([to, other]) => toLinkRecord(workspaceId, { kind: 'split', to, other, apart, version }));
    });
    return [[...rules, ...splits]];
  }

  handle(batch: PartitionBatch): Phases {
    const step = new StepRecords();
    const reviews: OutgoingRecord[] = [];
    const partings: OutgoingRecord[] = [];
    const assigned = new Map<string, OutgoingRecord>();
    for (const record of batch.records) {
      if (record.headers.schema === 'rules-copy@1') {
        if (!this.context.state.isFolded(record.key, LINKS, record.offset))
          reviews.push(...this.#takeRules(record));
        continue;
      }
      const { kind } = record.headers;
      if (kind?.includes('parted')) partings.push(...this.#noteParted(record));
      // What is there for readers of the log alone.
      if (kind === '' || this.context.state.isFolded(record.key, LINKS, record.offset)) continue;
      const assignment = this.#apply(record, step);
      if (assignment) assigned.set(record.key, assignment);
    }
    return [[...step.take(), ...reviews, ...partings, ...assigned.values()]];
  }

  wake(): Phases {
    const keys = [...this.#unanswered];
    this.#unanswered.clear();
    return [[...keys.flatMap((key) => this.#askToResolve(key)), ...this.#goOnReviewing()]];
  }

  /** The same assignment, of the same version: only the instant at which it is said is another. */
  republish(_topic: string, key: string): OutgoingRecord | undefined {
    const assignment = this.#stateOf(key)?.assignment;
    if (!assignment && this.#past.begun(key)) return toAssignmentRemoval(key);
    const cause = { key, partition: this.context.partition, timestamp: this.options.now() };
    return assignment && toAssignmentRecord(cause, assignment);
  }

  checkpoint(writer: TableWriter): void {
    writer.clear(UNANSWERED);
    for (const key of this.#unanswered) writer.put(UNANSWERED, key, '');
    writer.put(COPIED, SPLITS, String(this.#copiedSplits));
    this.#review.checkpoint(writer);
  }

  #takeRules(record: LogRecord): readonly OutgoingRecord[] {
    const copy = messageOf(record) as RulesCopyMessage;
    const workspace = this.#workspace(copy.workspaceId);
    const rules = workspace.rules.with(copy, record.offset);
    if (!rules) return [];
    workspace.rules = rules;
    this.context.state.set(record.key, rules.state, LINKS, record.offset);
    const reviewed: OutgoingRecord[] = [];
    for (const { key, state } of this.#review.begin()) {
      if (this.#isToBeReviewed(key, state)) reviewed.push(this.#reviewRecord(key));
    }
    this.context.wakeAt(this.options.now() + REVIEW_EVERY_MS);
    return reviewed;
  }

  #goOnReviewing(): readonly OutgoingRecord[] {
    if (!this.#review.isUnderWay) return [];
    const most = Math.max(1, Math.floor((this.options.reviewsPerSecond * REVIEW_EVERY_MS) / 1_000));
    const { keys, isDone } = this.#review.next((key, state) => this.#isToBeReviewed(key, state), most);
    if (!isDone) this.context.wakeAt(this.options.now() + REVIEW_EVERY_MS);
    return keys.map((key) => this.#reviewRecord(key));
  }

  #isToBeReviewed(key: string, state: IdentityState): boolean {
    if (!isOfIdentifier(state)) return false;
    const { workspaceId, id } = parseScopedKey(key);
    const { resolver, rules } = this.#workspace(workspaceId);
    return resolver.needsReview(id as Identifier, state, rules.latest);
  }

  #apply(record: LogRecord, step: StepRecords): OutgoingRecord | undefined {
    const { resolver, rules, me, workspaceId } = this.#identifier(record.key);
    const { offset, key } = record;
    const { addressed, messages } = fromLinkRecord(record);
    const isOver = (id: Identifier) => this.#past.isOver(workspaceId, id, offset);
    const place = { offset, rules: rules.at(offset), addressed, isOver };
    const known = this.#stateOf(key);
    const begun = known ? undefined : this.#past.begun(key);
    const state = known ?? newResolverState(me, place.rules, begun);
    const { out, said, isBegun, isErased } = resolver.apply(me, state, messages, place);
    step.send(workspaceId, out);
    step.say(workspaceId, said);
    if (isNothing(me, state)) {
      this.#forget(key, state);
      return isErased ? toAssignmentRemoval(key) : undefined;
    }
    if (isBegun || begun) step.send(workspaceId, this.#splitsOf(workspaceId, me));
    // After each record, however many a batch has: what was published before a crash must be in `formerly` after it.
    const assignment = assign(workspaceId, me, state, offset);
    this.context.state.set(key, state, LINKS, offset);
    if (resolver.hasNews(me, state)) {
      this.#unanswered.add(key);
      this.context.wakeAt(this.options.now() + COALESCE_MS);
    }
    if (isErased && !state.assignment) return toAssignmentRemoval(key);
    return assignment && toAssignmentRecord(record, assignment);
  }

  /** Also of a record that is in the key's state already: what follows from it is in a state of its own. */
  #noteParted(record: LogRecord): readonly OutgoingRecord[] {
    const { workspaceId } = parseScopedKey(record.key);
    return fromLinkRecord(record).messages.flatMap((message) => {
      if (message.kind !== 'parted') return [];
      this.#past.end(workspaceId, message.gone, record.offset);
      return message.erased ? [toPartingRecord(record.key, message.gone)] : [];
    });
  }

  #forget(key: string, { generation = 0, erasedUntil = 0 }: ResolverState): void {
    const begun = this.#past.begun(key);
    if (begun?.generation !== generation || begun.erasedUntil !== erasedUntil)
      this.#past.begin(key, { generation, erasedUntil });
    this.context.state.delete(key);
    this.#unanswered.delete(key);
  }

  /** What splits say to an identifier that begins anew. */
  #splitsOf(workspaceId: string, me: Identifier): readonly Message[] {
    return this.options.control.splitsAfter(-1).flatMap((split): Message[] => {
      const { pair, apart, version } = split;
      if (split.workspaceId !== workspaceId || !pair.includes(me)) return [];
      return [{ kind: 'split', to: me, other: pair[0] === me ? pair[1] : pair[0], apart, version }];
    });
  }

  #askToResolve(key: string): readonly OutgoingRecord[] {
    const { resolver, me, workspaceId } = this.#identifier(key);
    const state = this.#stateOf(key);
    if (!state || !resolver.hasNews(me, state)) return [];
    const to = inGeneration(me, state.generation ?? 0);
    return [toLinkRecord(workspaceId, { kind: 'resolve', to })];
  }

  #reviewRecord(key: string): OutgoingRecord {
    const { workspaceId, id } = parseScopedKey(key);
    const to = inGeneration(id as Identifier, this.#stateOf(key)?.generation ?? 0);
    return toLinkRecord(workspaceId, { kind: 'review', to });
  }

  #stateOf(key: string): ResolverState | undefined {
    const state = this.context.state.get(key);
    return state && isOfIdentifier(state) ? state : undefined;
  }

  #identifier(key: string) {
    const { workspaceId, id } = parseScopedKey(key);
    const { resolver, rules } = this.#workspace(workspaceId);
    return { resolver, rules, me: id as Identifier, workspaceId };
  }

  #workspace(workspaceId: string): Workspace {
    const known = this.#workspaces.get(workspaceId);
    if (known) return known;
    const stored = this.context.state.get(scopedKey(workspaceId, RULES_COPY_ID));
    const workspace: Workspace = {
      rules: new RulesHistory(stored && 'eras' in stored ? stored : undefined),
      resolver: new Resolver({
        rulesOf: (version) => workspace.rules.rulesOf(version),
        observe: this.options.onRefused,
      }),
    };
    this.#workspaces.set(workspaceId, workspace);
    return workspace;
  }
}

function isOfIdentifier(state: IdentityState): state is ResolverState {
  return !('eras' in state) && !PastGenerations.isOne(state);
}
