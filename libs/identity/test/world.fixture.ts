import {
  baseOf,
  generationOf,
  inGeneration,
  partitionOf,
  profileIdOf,
  type Identifier,
} from '@tributary/kernel';
import { Partition } from './partition.fixture.js';
import { assign } from '../src/assignment.js';
import type { Occurrence } from '../src/batch.js';
import { pairOf, type Pair } from '../src/link.js';
import type { Message } from '../src/messages.js';
import { Resolver } from '../src/resolver.js';
import { isNothing, newResolverState, type ResolverState } from '../src/resolver-state.js';
import { DEFAULT_RULES, IdentityRules } from '../src/rules.js';
import { forgetMarked, markOf, observationsOf, type ObservationsState } from '../src/observations.js';

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

/** What was received of an identifier up to an instant is forgotten, among its events: behind so many of all. */
export interface Erasure {
  readonly identifier: Identifier;
  readonly until: number;
  readonly behind: number;
}

/** Identity's partitions over logs, with their owners' crashes: every order in which Kafka could deliver. */
export class World {
  readonly #partitions: readonly Partition[];
  readonly #resolver: Resolver;
  readonly #observations = new Map<Identifier, ObservationsState>();
  readonly refused = new Map<string, number>();
  readonly #choose: (below: number) => number;
  readonly #erasedUntil = new Map<Identifier, number>();

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
  run(erasures: readonly Erasure[] = []): this {
    return this.#runAll([
      ...this.#events(this.scenario.occurrences, erasures),
      ...this.#rules(),
      ...this.#splits(),
    ]);
  }

  /** What comes when nothing of before is under way any more. */
  goOn(occurrences: readonly Occurrence[], erasures: readonly Erasure[]): this {
    return this.#runAll(this.#events(occurrences, erasures));
  }

  #runAll(doings: (() => void)[][]): this {
    const choose = this.#choose;
    for (let turns = 0; ; turns += 1) {
      if (turns > 100_000) throw new Error('it does not come to rest');
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
    const id = baseOf(entry.to);
    const rules = partition.rulesAt(offset);
    const known = partition.held.get(id);
    const begun = partition.begun.get(id);
    const { state, offset: last } = known ?? { state: newResolverState(id, rules, begun), offset: -1 };
    const parted = entry.messages.flatMap((message) => (message.kind === 'parted' ? [message.gone] : []));
    for (const z of parted) partition.end(z, offset);
    this.#forgetErased(id, entry.messages);
    if (last >= offset) return [];
    const isOver = (z: Identifier) => {
      const one = partition.over.get(baseOf(z));
      return one !== undefined && one.at < offset && generationOf(z) < one.generation;
    };
    const place = { offset, rules, addressed: entry.to, isOver };
    const applied = this.#resolver.apply(id, state, entry.messages, place);
    if (isNothing(id, state)) {
      partition.begun.set(id, { generation: state.generation ?? 0, erasedUntil: state.erasedUntil ?? 0 });
      partition.held.delete(id);
      return applied.out;
    }
    partition.held.set(id, { state, offset });
    assign('w', id, state, offset);
    partition.unanswered.add(id);
    return [...applied.out, ...(applied.isBegun || (!known && begun) ? this.#splitsOf(id) : [])];
  }

  #forgetErased(id: Identifier, messages: readonly Message[]): void {
    const told = this.#observations.get(id);
    for (const message of messages)
      if (told && message.kind === 'parted' && message.erased)
        forgetMarked(told, markOf(baseOf(message.gone)));
  }

  #splitsOf(id: Identifier): readonly Message[] {
    return this.scenario.splits.flatMap(({ pair, apart }, version): Message[] => {
      if (!pair.includes(id)) return [];
      const other = pair[0] === id ? pair[1] : pair[0];
      return [{ kind: 'split', to: id, other, apart, version }];
    });
  }

  #settle(partition: Partition): boolean {
    let said = false;
    const send = (messages: readonly Message[]) => {
      said ||= messages.length > 0;
      this.#send(messages);
    };
    for (const id of partition.unanswered) {
      const held = partition.held.get(id);
      if (held && this.#resolver.hasNews(id, held.state))
        send([{ kind: 'resolve', to: inGeneration(id, held.state.generation ?? 0) }]);
    }
    partition.unanswered.clear();
    const version = partition.rulesAt(partition.read - 1);
    if (partition.reviewed === version) return said;
    partition.reviewed = version;
    for (const [id, { state }] of partition.held) {
      if (this.#resolver.needsReview(id, state, version))
        send([{ kind: 'review', to: inGeneration(id, state.generation ?? 0) }]);
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
    const partition = this.#partitions[partitionOf(`w/${baseOf(id)}`, this.scenario.partitions)];
    if (!partition) throw new RangeError(`no partition for ${id}`);
    return partition;
  }

  /** One source a primary identifier; a third of the events come again. */
  #events(occurrences: readonly Occurrence[], erasures: readonly Erasure[]): (() => void)[][] {
    const choose = this.#choose;
    const sources = new Map<Identifier | undefined, (() => void)[]>();
    const add = (of: Identifier | undefined, doing: () => void) => {
      const source = sources.get(of);
      if (source) source.push(doing);
      else sources.set(of, [doing]);
    };
    const erase = (behind: number) => {
      for (const erasure of erasures)
        if (erasure.behind === behind)
          add(erasure.identifier, () => {
            this.#erase(erasure);
          });
    };
    for (const [offset, { identifiers, receivedAt }] of occurrences.entries()) {
      const [primary] = identifiers;
      erase(offset);
      const tell = () => {
        if (primary && receivedAt <= this.#until(primary)) return;
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
      add(primary, tell);
    }
    for (let behind = occurrences.length; erasures.some((one) => one.behind >= behind); behind += 1)
      erase(behind);
    return [...sources.values()];
  }

  readonly #until = (id: Identifier) => this.#erasedUntil.get(id) ?? -Infinity;

  #erase({ identifier, until }: Erasure): void {
    this.#erasedUntil.set(identifier, Math.max(until, this.#until(identifier)));
    this.#observations.delete(identifier);
    const erased: Message = { kind: 'erased', to: identifier, until };
    for (let times = 1 + this.#choose(2); times > 0; times -= 1) this.#send([erased]);
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
