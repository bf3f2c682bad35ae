import { compareByDigest, namespaceOf, profileIdOf, type Identifier } from '@tributary/kernel';
import type { LinkFact, Message } from './messages.js';
import { eligiblePartners, pairKey, pairOf, resolve } from './resolve.js';
import type { Assignment, HeldVerdict, ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';

type Of<K extends Message['kind']> = Extract<Message, { kind: K }>;

const FACTS_A_MESSAGE = 1_000;

/**
 * The state machine of one identifier. Fed with the messages of its log in any order, with repetitions, all machines
 * together come to rest with the assignments of the batch function. Connectivity is Rem's union-find (Dijkstra, A
 * Discipline of Programming, 1976), made asynchronous; parents only fall in the order of digests, so it ends.
 */
export class Resolver {
  constructor(
    private readonly workspaceId: string,
    private readonly rules: IdentityRules,
  ) {}

  /** Takes one message in; `offset` is its place in the log of this identifier. Answers with what follows. */
  apply(me: Identifier, state: ResolverState, message: Message, offset: number): readonly Message[] {
    switch (message.kind) {
      case 'met':
        return this.#meet(me, state, message.firstSeen, offset);
      case 'seen':
        return this.#see(me, state, message, offset);
      case 'verdict':
        return this.#join(me, state, message, offset);
      case 'union':
        return this.#unite(me, state, message.other);
      case 'facts':
        return this.#take(me, state, message);
      case 'settled':
        return forget(state, [message.partner]);
      case 'answer':
        return this.#heed(state, message);
    }
  }

  /** Whether a root has links to speak of that it has not answered yet, and knows them whole. */
  hasNews(me: Identifier, state: ResolverState): boolean {
    return state.parent === me && state.fresh.length > 0 && state.open.length === 0;
  }

  /**
   * What a root answers to what is new: those whose profile changed, and the ends of the links that are new. To be
   * called some time after `apply`, so that links which arrive together are answered together. `offset` is the last
   * one applied.
   */
  answer(me: Identifier, state: ResolverState, offset: number): readonly Message[] {
    if (!this.hasNews(me, state)) return [];
    const named = resolve(Object.values(state.facts), this.rules);
    const sizes = new Map<Identifier, number>();
    for (const first of named.values()) sizes.set(first, (sizes.get(first) ?? 0) + 1);
    const answered = partnersOf(state.fresh.flatMap((key) => state.facts[key] ?? []));
    state.fresh = [];
    const out: Message[] = [];
    for (const [to, first] of named) {
      if (state.answered[to] === first && !answered.has(to)) continue;
      state.answered[to] = first;
      const reason = sizes.get(first) === 1 ? 'alone' : 'linked';
      out.push({ kind: 'answer', to, root: me, at: offset, first, reason, answered: answered.get(to) ?? [] });
    }
    return out;
  }

  #meet(me: Identifier, state: ResolverState, firstSeen: number, offset: number): readonly Message[] {
    if (state.firstSeen !== null && state.firstSeen <= firstSeen) return [];
    state.firstSeen = firstSeen;
    return this.#judge(me, state, offset);
  }

  #see(me: Identifier, state: ResolverState, seen: Of<'seen'>, offset: number): readonly Message[] {
    const { partner, firstSeen, through } = seen;
    const known = state.partners[partner];
    state.firstSeen = Math.min(firstSeen, state.firstSeen ?? Infinity);
    if (through !== undefined && through > state.through) {
      if (known === undefined || partner in state.pending) state.pending[partner] = through;
      state.through = through;
    }
    if (known === undefined && state.isHub) {
      const verdict = { eligible: false, firstSeen, endFirstSeen: state.firstSeen };
      return [this.#verdict(me, partner, verdict, offset)];
    }
    state.partners[partner] = Math.min(firstSeen, known ?? Infinity);
    state.isHub ||= this.#hasTooMany(state, namespaceOf(partner));
    return this.#judge(me, state, offset);
  }

  #hasTooMany(state: ResolverState, namespace: string): boolean {
    const same = (Object.keys(state.partners) as Identifier[]).filter((p) => namespaceOf(p) === namespace);
    return same.filter((p) => !this.rules.isBlocked(p)).length > this.rules.ruleOf(namespace).hub;
  }

  #judge(me: Identifier, state: ResolverState, offset: number): readonly Message[] {
    const partners = new Map(Object.entries(state.partners)) as Map<Identifier, number>;
    const eligible = state.isHub ? new Set<Identifier>() : eligiblePartners(me, partners, this.rules);
    const endFirstSeen = state.firstSeen ?? Infinity;
    const out: Message[] = [];
    for (const [partner, firstSeen] of partners) {
      const now = { eligible: eligible.has(partner), firstSeen, endFirstSeen };
      const before = state.told[partner];
      if (before && isSame(before, now)) continue;
      state.told[partner] = now;
      out.push(this.#verdict(me, partner, now, offset));
    }
    return out;
  }

  #verdict(
    me: Identifier,
    other: Identifier,
    verdict: Omit<HeldVerdict, 'version'>,
    version: number,
  ): Message {
    return { kind: 'verdict', to: pairOf(me, other)[0], end: me, other, ...verdict, version };
  }

  /** At the link's owner, its greater end: both verdicts make the link. A link that is displaced is withdrawn. */
  #join(me: Identifier, state: ResolverState, verdict: Of<'verdict'>, offset: number): readonly Message[] {
    const other = verdict.end === me ? verdict.other : verdict.end;
    const link = (state.links[other] ??= {});
    const side = verdict.end === me ? 'mine' : 'theirs';
    if ((link[side]?.version ?? -1) >= verdict.version) return [];
    const { eligible, firstSeen, endFirstSeen, version } = verdict;
    link[side] = { eligible, firstSeen, endFirstSeen, version };
    const { mine, theirs } = link;
    if (!mine || !theirs) return [];
    const both = mine.eligible && theirs.eligible;
    if (!both && !link.wasEligible) {
      forget(state, [other]);
      return [{ kind: 'settled', to: other, partner: me }];
    }
    link.wasEligible = true;
    const fact: LinkFact = {
      pair: [me, other],
      eligible: both,
      firstSeen: Math.min(mine.firstSeen, theirs.firstSeen),
      endsFirstSeen: [mine.endFirstSeen, theirs.endFirstSeen],
      version: offset,
    };
    const handed = this.#take(me, state, { kind: 'facts', to: me, from: me, facts: [fact], open: false });
    // What it would tell itself it does at once: that is a delivery like any other, without the way through the log.
    return both ? [...handed, ...this.#unite(me, state, other)] : handed;
  }

  #unite(me: Identifier, state: ResolverState, other: Identifier): readonly Message[] {
    const { parent } = state;
    if (parent === other) return [];
    if (parent === me) {
      state.parent = other;
      return handUp(me, state);
    }
    const [greater, smaller] = compareByDigest(parent, other) > 0 ? [parent, other] : [other, parent];
    state.parent = smaller;
    return [{ kind: 'union', to: greater, other: smaller }];
  }

  #take(me: Identifier, state: ResolverState, handed: Of<'facts'>): readonly Message[] {
    if (state.parent !== me) return [{ ...handed, to: state.parent }];
    for (const fact of handed.facts) {
      const key = pairKey(fact.pair);
      if ((state.facts[key]?.version ?? -1) >= fact.version) continue;
      state.facts[key] = fact;
      if (!state.fresh.includes(key)) state.fresh.push(key);
    }
    state.open = state.open.filter((from) => from !== handed.from);
    if (handed.open) state.open.push(handed.from);
    return [];
  }

  /**
   * Roots only fall, so the smaller root is the later one; of one root's answers, the later offset. What a root has
   * answered stays answered in all its later answers, in whatever order they arrive.
   */
  #heed(state: ResolverState, { root, at, first, reason, answered }: Of<'answer'>): readonly Message[] {
    const before = state.answer;
    if (before && compareByDigest(root, before.root) > 0) return [];
    if (root !== before?.root || at > before.at) state.answer = { root, at, first, reason };
    return forget(state, answered);
  }

  /**
   * The identifier's assignment, where its profile or `resolvedThrough` is another than it last told the world. To be
   * called after `apply`; `offset` is the last one applied, and becomes the version.
   */
  assign(me: Identifier, state: ResolverState, offset: number): Assignment | undefined {
    const before = state.assignment;
    const unanswered = Object.values(state.pending);
    const resolvedThrough = unanswered.length === 0 ? state.through : Math.min(...unanswered) - 1;
    if (!before && !state.answer && resolvedThrough < 0) return undefined;
    const own = profileIdOf(this.workspaceId, me);
    const profileId = state.answer ? profileIdOf(this.workspaceId, state.answer.first) : own;
    const isKnown =
      profileId === (before?.profileId ?? own) && resolvedThrough <= (before?.resolvedThrough ?? -1);
    if (isKnown && (before || !state.answer)) return undefined;
    const formerly = [...new Set([...(before?.formerly ?? [own]), profileId])];
    const reason = state.answer?.reason ?? 'alone';
    state.assignment = { profileId, version: offset, reason, formerly, resolvedThrough };
    return state.assignment;
  }
}

function partnersOf(facts: readonly LinkFact[]): ReadonlyMap<Identifier, readonly Identifier[]> {
  const partners = new Map<Identifier, Identifier[]>();
  for (const { pair } of facts) {
    for (const [end, other] of [pair, [pair[1], pair[0]] as const]) {
      partners.set(end, [...(partners.get(end) ?? []), other]);
    }
  }
  return partners;
}

function forget(state: ResolverState, partners: readonly Identifier[]): readonly Message[] {
  if (partners.some((p) => p in state.pending)) {
    state.pending = Object.fromEntries(
      Object.entries(state.pending).filter(([p]) => !partners.includes(p as Identifier)),
    );
  }
  return [];
}

/** A root that joins another gives it all it knows, in parts that fit a record. */
function handUp(me: Identifier, state: ResolverState): readonly Message[] {
  const facts = Object.values(state.facts);
  const out: Message[] = [];
  for (let i = 0; i < facts.length; i += FACTS_A_MESSAGE) {
    const open = i + FACTS_A_MESSAGE < facts.length;
    out.push({ kind: 'facts', to: state.parent, from: me, facts: facts.slice(i, i + FACTS_A_MESSAGE), open });
  }
  Object.assign(state, { facts: {}, open: [], answered: {}, fresh: [] });
  return out;
}

function isSame(a: Omit<HeldVerdict, 'version'>, b: Omit<HeldVerdict, 'version'>): boolean {
  return a.eligible === b.eligible && a.firstSeen === b.firstSeen && a.endFirstSeen === b.endFirstSeen;
}
