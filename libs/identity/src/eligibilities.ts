import type { Identifier } from '@tributary/kernel';
import { BesideStates } from './beside-states.js';
import { EligibilityIndex } from './eligibility-index.js';
import type { EndRefusal } from './eligibility.js';
import { pairOf } from './link.js';
import type { Message } from './messages.js';
import type { ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';
import type { MessageContext } from './message-context.js';

type Of<K extends Message['kind']> = Extract<Message, { kind: K }>;

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
      if (index.refusalOf(partner) !== state.partners[partner]?.said?.refusal) return true;
    }
    return false;
  }

  /** Takes in that it occurred, and with which identifiers. */
  meet(context: MessageContext, message: Of<'met'> | Of<'seen'>, isOutdated: boolean): void {
    const { me, state } = context;
    const isEarlier = message.firstSeen < (state.firstSeen ?? Infinity);
    state.firstSeen = Math.min(message.firstSeen, state.firstSeen ?? Infinity);
    if (message.kind === 'seen') this.#see(context, message, isOutdated);
    if (!isEarlier || isOutdated) return;
    for (const partner of this.#indexOf(me, state).eligible) this.#say(context, partner);
  }

  #see(context: MessageContext, { partner, firstSeen, through }: Of<'seen'>, isOutdated: boolean): void {
    const { me, state } = context;
    const known = state.partners[partner];
    if (state.tooManyPartners) {
      this.#refuse(context, partner, firstSeen);
      state.through = Math.max(state.through, through ?? -1);
      return;
    }
    if (through !== undefined && through > state.through) {
      if (known?.at === undefined || partner in state.pending) state.pending[partner] = through;
      state.through = through;
    }
    if (known?.at !== undefined && known.at <= firstSeen) return;
    const isNew = known?.at === undefined;
    // The index is of the state as it was.
    const index = isOutdated || !isNew ? undefined : this.#indexOf(me, state);
    state.partners[partner] = { ...known, at: firstSeen };
    const changed = index?.add(partner);
    if (changed) for (const one of changed) this.#say(context, one);
    else {
      this.#indexes.delete(state);
      if (!isOutdated) this.decideAll(context);
    }
  }

  /** One more for an identifier that has too many partners: it is refused, and not kept. */
  #refuse({ me, state, offset, out }: MessageContext, partner: Identifier, firstSeen: number): void {
    this.observe('too_many_partners');
    const [owner] = pairOf(me, partner);
    const endFirstSeen = state.firstSeen ?? firstSeen;
    const eligibility = { refusal: 'too_many_partners' as const, firstSeen, endFirstSeen, version: offset };
    out.push({ kind: 'eligibility', to: owner, end: me, other: partner, ...eligibility });
    if (owner === me) out.push({ kind: 'settled', to: partner, partner: me });
  }

  decideAll(context: MessageContext): void {
    const { me, state, rules } = context;
    const index = this.#indexOf(me, state);
    if (index.size > rules.bounds.partners) state.tooManyPartners = true;
    for (const partner of index.partners) this.#say(context, partner);
  }

  /** Tells the link's owner of my eligibility, where it is another than I last published. */
  #say({ me, state, offset, out, changed }: MessageContext, partner: Identifier): void {
    const entry = state.partners[partner];
    if (entry?.at === undefined) return;
    const refusal = this.#indexOf(me, state).refusalOf(partner);
    const endFirstSeen = state.firstSeen ?? entry.at;
    const { said } = entry;
    const isKnown = said?.refusal === refusal && said?.firstSeen === entry.at;
    // When the end itself was first seen matters where it joins only.
    if (said && isKnown && (refusal !== undefined || said.endFirstSeen === endFirstSeen)) return;
    if (refusal !== undefined && said?.refusal !== refusal) this.observe(refusal);
    const eligibility = { ...(refusal && { refusal }), firstSeen: entry.at, endFirstSeen };
    entry.said = { ...eligibility, version: offset };
    const [owner] = pairOf(me, partner);
    // What it sends to itself it knows at once, without the way through the log: the record is for others to read.
    if (owner === me) changed.add(partner);
    out.push({ kind: 'eligibility', to: owner, end: me, other: partner, ...eligibility, version: offset });
  }

  /** An identifier with too many partners is ineligible with all of them, for good. */
  forgetPartners(state: ResolverState): void {
    for (const _partner in state.partners) {
      state.partners = {};
      state.pending = {};
      this.#indexes.delete(state);
      return;
    }
  }

  #indexOf(me: Identifier, state: ResolverState): EligibilityIndex {
    return this.#indexes.of(state, () => new EligibilityIndex(me, state, this.rulesOf(state.rules)));
  }
}
