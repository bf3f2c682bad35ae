import { partitionOf, profileIdOf, type Identifier } from '@tributary/kernel';
import { assign } from '../src/assignment.js';
import type { Occurrence } from '../src/batch.js';
import { pairOf, type Pair } from '../src/link.js';
import type { Message } from '../src/messages.js';
import { Resolver } from '../src/resolver.js';
import { newResolverState, type ResolverState } from '../src/resolver-state.js';
import { DEFAULT_RULES, IdentityRules } from '../src/rules.js';
import { observationsOf, type ObservationsState } from '../src/observations.js';

/** What happens to a world, in this order as far as one source of it goes. */
export interface Scenario {
  readonly occurrences: readonly Occurrence[];
  /** Versions of the rules, of which the first is in force at the beginning. */
  readonly rules: readonly IdentityRules[];
  /** Put and removed, one after the other. */
  readonly splits: readonly { readonly pair: Pair; readonly apart: boolean }[];
  readonly partitions: number;
  /** Decides the order of messages and events, and when owners crash. */
  readonly seed: number;
}

/** What one step says to one identifier, or rules that are in force from here on. */
type Entry =
  | { readonly kind: 'record'; readonly to: Identifier; readonly messages: readonly Message[] }
  | { readonly kind: 'rules'; readonly version: number };

interface Held {
  readonly state: ResolverState;
  readonly offset: number;
}

/** One partition: its log, what its owner has in memory, and what the owner would find after a crash. */
class Partition {
  readonly log: Entry[] = [];
  held = new Map<Identifier, Held>();
  read = 0;
  readonly unanswered = new Set<Identifier>();
  reviewed = 0;
  #checkpoint: { readonly read: number; readonly held: ReadonlyMap<Identifier, string> } = {
    read: 0,
    held: new Map(),
  };

  rulesAt(offset: number): number {
    for (let i = offset; i >= 0; i -= 1) {
      const entry = this.log[i];
      if (entry?.kind === 'rules') return entry.version;
    }
    return 0;
  }

  checkpoint(): void {
    this.#checkpoint = {
      read: this.read,
      held: new Map([...this.held].map(([id, held]) => [id, JSON.stringify(held)])),
    };
  }

  /** Some keys are as in the changelog, which ran ahead of the marker; the others as of the marker. */
  crash(isAhead: () => boolean): void {
    const restored = new Map<Identifier, Held>();
    for (const [id, held] of this.held) {
      const stored = isAhead() ? JSON.stringify(held) : this.#checkpoint.held.get(id);
      if (stored !== undefined) restored.set(id, JSON.parse(stored) as Held);
    }
    this.held = restored;
    this.read = this.#checkpoint.read;
    this.reviewed = 0;
    this.unanswered.clear();
    for (const id of restored.keys()) this.unanswered.add(id);
  }
}

/** Identity's partitions over logs, with their owners' crashes: every order in which Kafka could deliver. */
export class World {
  readonly #partitions: readonly Partition[];
  readonly #resolver: Resolver;
  readonly #observations = new Map<Identifier, ObservationsState>();
  readonly refused = new Map<string, number>();
  readonly #choose: (below: number) => number;

  constructor(
    private readonly scenario: Scenario,
    factsAMessage = 2,
  ) {
    this.#choose = chooser(scenario.seed);
    this.#partitions = Array.from({ length: scenario.partitions }, () => new Partition());
    this.#resolver = new Resolver({
      rulesOf: (version) => scenario.rules[version] ?? new IdentityRules(DEFAULT_RULES),
      observe: (rule) => this.refused.set(rule, 1 + (this.refused.get(rule) ?? 0)),
      factsAMessage,
    });
  }

  /** Runs until nothing is under way. */
  run(): this {
    const choose = this.#choose;
    const doings = [...this.#events(), ...this.#rules(), ...this.#splits()];
    for (;;) {
      const behind = this.#partitions.filter(({ read, log }) => read < log.length);
      const [source] = doings.length === 0 ? [] : doings.splice(choose(doings.length), 1);
      if (source && (behind.length === 0 || choose(3) === 0)) {
        const next = source.shift();
        next?.();
        if (source.length > 0) doings.push(source);
        continue;
      }
      if (source) doings.push(source);
      const partition = behind[choose(Math.max(1, behind.length))];
      if (partition) this.#step(partition);
      else if (!this.#settleAll() && doings.length === 0) return this;
    }
  }

  profileOf(id: Identifier): string {
    return this.stateOf(id)?.assignment?.profileId ?? profileIdOf('w', id);
  }

  stateOf(id: Identifier): ResolverState | undefined {
    return this.#partitionOf(id).held.get(id)?.state;
  }

  get states(): readonly ResolverState[] {
    return this.#partitions.flatMap(({ held }) => [...held.values()].map(({ state }) => state));
  }

  #step(partition: Partition): void {
    const choose = this.#choose;
    const sent: Message[] = [];
    for (let left = 1 + choose(4); left > 0 && partition.read < partition.log.length; left -= 1)
      sent.push(...this.#read(partition));
    this.#send(sent);
    const chance = choose(12);
    if (chance < 3) this.#settle(partition);
    if (chance === 3) partition.checkpoint();
    if (chance === 4) partition.crash(() => choose(2) === 0);
  }

  /** What follows from one record. */
  #read(partition: Partition): readonly Message[] {
    const offset = partition.read;
    const entry = partition.log[offset];
    partition.read += 1;
    if (!entry || entry.kind === 'rules') return [];
    const id = entry.to;
    const rules = partition.rulesAt(offset);
    const held = partition.held.get(id) ?? { state: newResolverState(id, rules), offset: -1 };
    if (held.offset >= offset) return [];
    const { out } = this.#resolver.apply(id, held.state, entry.messages, { offset, rules });
    partition.held.set(id, { state: held.state, offset });
    assign('w', id, held.state, offset);
    partition.unanswered.add(id);
    return out;
  }

  #settle(partition: Partition): boolean {
    let said = false;
    const send = (messages: readonly Message[]) => {
      said ||= messages.length > 0;
      this.#send(messages);
    };
    for (const id of partition.unanswered) {
      const held = partition.held.get(id);
      if (held && this.#resolver.hasNews(id, held.state)) send([{ kind: 'resolve', to: id }]);
    }
    partition.unanswered.clear();
    const version = partition.rulesAt(partition.read - 1);
    if (partition.reviewed === version) return said;
    partition.reviewed = version;
    for (const [id, { state }] of partition.held) {
      if (this.#resolver.needsReview(id, state, version)) send([{ kind: 'review', to: id }]);
    }
    return said;
  }

  #settleAll(): boolean {
    return this.#partitions.map((partition) => this.#settle(partition)).some((said) => said);
  }

  /** What a step says to one identifier is one record, or more where there would be too much in it. */
  #send(messages: readonly Message[]): void {
    const most = 1 + this.#choose(8);
    const byDestination = Map.groupBy(messages, ({ to }) => to);
    for (const [to, all] of byDestination) {
      const { log } = this.#partitionOf(to);
      for (let i = 0; i < all.length; i += most)
        log.push({ kind: 'record', to, messages: all.slice(i, i + most) });
    }
  }

  #partitionOf(id: Identifier): Partition {
    const partition = this.#partitions[partitionOf(`w/${id}`, this.scenario.partitions)];
    if (!partition) throw new RangeError(`no partition for ${id}`);
    return partition;
  }

  /** One source a primary identifier; a third of the events come again. */
  #events(): (() => void)[][] {
    const { occurrences } = this.scenario;
    const choose = this.#choose;
    const sources = new Map<Identifier | undefined, (() => void)[]>();
    for (const [offset, { identifiers, receivedAt }] of occurrences.entries()) {
      const [primary] = identifiers;
      const tell = () => {
        const published = observationsOf(
          primary && this.#observations.get(primary),
          identifiers,
          receivedAt,
          offset,
        );
        if (primary) this.#observations.set(primary, published.state);
        const { observation } = published;
        if (observation) this.#send([observation]);
        if (observation && choose(3) === 0) this.#send([observation]);
      };
      const source = sources.get(primary);
      if (source) source.push(tell);
      else sources.set(primary, [tell]);
    }
    return [...sources.values()];
  }

  /** One source a partition: its owner copies them in their order, and once more after a crash. */
  #rules(): (() => void)[][] {
    const { rules } = this.scenario;
    const choose = this.#choose;
    return this.#partitions
      .map(({ log }) =>
        [...rules.keys()].slice(1).map((version) => () => {
          for (let times = 1 + choose(2); times > 0; times -= 1) log.push({ kind: 'rules', version });
        }),
      )
      .filter((source) => source.length > 0);
  }

  /** One source an end. */
  #splits(): (() => void)[][] {
    const sources = new Map<Identifier, (() => void)[]>();
    for (const [version, { pair, apart }] of this.scenario.splits.entries()) {
      for (const [to, other] of [pair, [pair[1], pair[0]] as const]) {
        const split: Message = { kind: 'split', to, other, apart, version };
        const source = sources.get(to) ?? [];
        source.push(() => {
          this.#send(this.#choose(3) === 0 ? [split, split] : [split]);
        });
        sources.set(to, source);
      }
    }
    return [...sources.values()];
  }
}

/** The pairs that are to be kept apart in the end. */
export function apartInTheEnd(splits: Scenario['splits']): readonly Pair[] {
  const last = new Map(splits.map(({ pair, apart }) => [pairOf(...pair).join('\n'), { pair, apart }]));
  return [...last.values()].filter(({ apart }) => apart).map(({ pair }) => pair);
}

/** A source of choices that a seed decides: Marsaglia's xorshift, 2003. */
function chooser(seed: number): (below: number) => number {
  let x = seed | 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}
