import type { IdentityRulesBody, RulesCopyMessage } from '@tributary/contracts';
import { DEFAULT_RULES, IdentityRules } from '@tributary/identity';

/** The version of the rules that are built in. */
export const BUILT_IN = -1;
/** More than could come between a checkpoint and the next. */
const KEPT = 100;

/** Rules, and from which offset of the partition on they are in force. */
interface Era {
  readonly from: number;
  readonly version: number;
  readonly rules: IdentityRulesBody;
}

/** What is stored of it. */
export interface RulesState {
  readonly eras: readonly Era[];
}

/** The rules of one workspace as they follow one another in one partition. */
export class RulesHistory {
  readonly #compiled = new Map<number, IdentityRules>();

  constructor(readonly state: RulesState = { eras: [] }) {}

  /** The version in force at an offset. */
  at(offset: number): number {
    for (let i = this.state.eras.length - 1; i >= 0; i -= 1) {
      const era = this.state.eras[i];
      if (era && era.from <= offset) return era.version;
    }
    return BUILT_IN;
  }

  get latest(): number {
    return this.state.eras.at(-1)?.version ?? BUILT_IN;
  }

  /** The rules of a version; of one that is no longer known, the eldest that are. */
  rulesOf(version: number): IdentityRules {
    const known = this.#compiled.get(version);
    if (known) return known;
    const { eras } = this.state;
    const era = eras.find((one) => one.version === version) ?? (version === BUILT_IN ? undefined : eras[0]);
    const rules = new IdentityRules(era?.rules ?? DEFAULT_RULES);
    this.#compiled.set(version, rules);
    return rules;
  }

  /** With a copy that lies at this offset; undefined where it is not newer: of two copies the first counts. */
  with({ version, rules }: RulesCopyMessage, offset: number): RulesHistory | undefined {
    if (version <= this.latest) return undefined;
    return new RulesHistory({ eras: [...this.state.eras, { from: offset, version, rules }].slice(-KEPT) });
  }
}
