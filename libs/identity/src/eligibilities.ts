import { compareByDigest, type Identifier } from '@tributary/kernel';
import { BesideStates } from './beside-states.js';
import { EligibilityIndex } from './eligibility-index.js';
import type { EndRefusal } from './eligibility.js';
import type { Received } from './messages.js';
import type { Seen } from './observations.js';
import { emptyRecord, held, type ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';
import type { MessageContext } from './message-context.js';
import { forget } from './pending.js';

/** The ends of links: from the partners of an identifier and the rules to its eligibility on each link. */
export class Eligibilities {
  readonly #indexes = new BesideStates<EligibilityIndex>();

  constructor(
    private readonly rulesOf: (version: number) => IdentityRules,
    private readonly observe: (rule: EndRefusal) => void,
  ) {}

  /** Those before are by other rules than the state is now. */
  outdate(state: ResolverState): void {
    this.#indexes.delete(state);
  }

  /** Whether an identifier would say something else by these rules. */
  areChangedBy(rules: IdentityRules, me: Identifier, state: ResolverState): boolean {
    const index = new EligibilityIndex(me, state, rules);
    for (const partner of index.partners) {
      if (index.refusalOf(partner) !== state.partners[partner]?.said?.[3]) return true;
    }
    return false;
  }

  /** Takes in that it occurred, and with which identifiers. */
  meet(context: MessageContext, message: Extract<Received, { kind: 'met' | 'seen' }>): void {
    const { me, state } = context;
    const isEarlier = message.firstSeen < (state.firstSeen ?? Infinity);
    state.firstSeen = Math.min(message.firstSeen, state.firstSeen ?? Infinity);
    if (message.kind === 'seen') {
      const through = throughOf(message, me);
      for (const partner of message.ids)
        if (partner !== me && !context.isOver(partner))
          this.#see(context, partner, message.firstSeen, through);
      if (through !== undefined) state.through = Math.max(state.through, through);
    }
    if (!isEarlier || !context.affected) return;
    for (const partner of this.#indexOf(me, state).eligible) context.affected.add(partner);
  }

  /** Decides on those partners for whom it may be another decision now. */
  decide(context: MessageContext): void {
    const { affected, state } = context;
    if (state.tooManyPartners) return;
    if (affected) for (const partner of affected) this.#say(context, partner);
    else this.#decideAll(context);
  }

  #see(context: MessageContext, partner: Identifier, firstSeen: number, through: number | undefined): void {
    const { me, state } = context;
    if (state.tooManyPartners) {
      this.#refuse(context, partner, firstSeen);
      return;
    }
    const known = state.partners[partner];
    if (through !== undefined && through > state.through) {
      if (known?.at === undefined || partner in state.pending) state.pending[partner] = through;
    }
    if (known?.at !== undefined && known.at <= firstSeen) return;
    const { affected } = context;
    const isNew = known?.at === undefined;
    // The index is of the state as it was.
    const index = affected && this.#indexOf(me, state);
    if (known) known.at = firstSeen;
    else state.partners[partner] = { at: firstSeen };
    const changed = isNew ? index?.add(partner) : index?.advance(partner);
    if (changed) for (const one of changed) affected?.add(one);
    else {
      this.#indexes.delete(state);
      context.affected = undefined;
    }
  }

  /** One more for an identifier that has too many partners: it is refused, and not kept. */
  #refuse({ me, state, offset, said }: MessageContext, partner: Identifier, firstSeen: number): void {
    this.observe('too_many_partners');
    const endFirstSeen = state.firstSeen ?? firstSeen;
    const refusal = 'too_many_partners' as const;
    said.push({ end: me, other: partner, refusal, firstSeen, endFirstSeen, version: offset });
  }

  #decideAll(context: MessageContext): void {
    const { me, state } = context;
    this.#indexes.delete(state);
    const index = this.#indexOf(me, state);
    for (const partner of index.partners) this.#say(context, partner);
    if (index.isTooMany) state.tooManyPartners = true;
  }

  /** Says a partner's eligibility, where it is another than was said last. */
  #say(context: MessageContext, partner: Identifier): void {
    const { me, state, offset, changed } = context;
    const entry = state.partners[partner];
    if (entry?.at === undefined) return;
    const refusal = this.#indexOf(me, state).refusalOf(partner);
    const endFirstSeen = state.firstSeen ?? entry.at;
    const { said } = entry;
    const isKnown = said?.[3] === refusal && said?.[0] === entry.at;
    // When the end itself was first seen matters where it joins only.
    if (said && isKnown && (refusal !== undefined || said[1] === endFirstSeen)) return;
    if (refusal !== undefined && said?.[3] !== refusal) this.observe(refusal);
    const times = { firstSeen: entry.at, endFirstSeen, version: offset };
    const one = { end: me, other: partner, ...times, ...(refusal !== undefined && { refusal }) };
    entry.said = held(one);
    context.said.push(one);
    // Whatever the other end says, the link joins nobody.
    if (refusal !== undefined && forget(state, [partner])) context.isAnswered = true;
    if (compareByDigest(me, partner) > 0) changed.add(partner);
  }

  /** An identifier with too many partners is ineligible with all of them, for good. */
  forgetPartners(state: ResolverState): void {
    for (const _partner in state.partners) {
      state.partners = emptyRecord();
      state.pending = emptyRecord();
      this.#indexes.delete(state);
      return;
    }
  }

  #indexOf(me: Identifier, state: ResolverState): EligibilityIndex {
    return this.#indexes.of(state, () => new EligibilityIndex(me, state, this.rulesOf(state.rules)));
  }
}

function throughOf({ ids, news }: Omit<Seen, 'to'>, me: Identifier): number | undefined {
  return news && ids[news[0]] === me ? news[1] : undefined;
}
