import { isScore, parseTrait, rankingFault, type DefinedTrait } from '@tributary/audiences';
import { nameAdvice } from '@tributary/kernel';

/** The computed traits of a workspace as they are or would be, by key. */
export type TraitsByKey = ReadonlyMap<string, DefinedTrait>;

/** Those that can be read, of their texts. */
export function traitsByKey(queries: Iterable<readonly [key: string, query: string]>): TraitsByKey {
  const traits = new Map<string, DefinedTrait>();
  for (const [key, query] of queries) {
    const parsed = parseTrait(query);
    if (parsed.ok) traits.set(key, parsed.value);
  }
  return traits;
}

/** Why a score cannot rank what it names; undefined of every other trait, and where it can. */
export function scoreFault(key: string, traits: TraitsByKey): string | undefined {
  const trait = traits.get(key);
  if (!trait || !isScore(trait)) return undefined;
  const { ranks } = trait;
  if (ranks === key) return 'a score cannot rank itself: name the trait that it ranks';
  const ranked = traits.get(ranks);
  if (!ranked) {
    const known = [...traits].flatMap(([other, one]) => (isScore(one) ? [] : [other]));
    return `there is no computed trait "${ranks}" to rank; ${nameAdvice(ranks, known)}`;
  }
  if (isScore(ranked)) return `"${ranks}" is a score, too: rank "${ranked.ranks}"`;
  const fault = rankingFault(ranked);
  return fault === undefined ? undefined : `"${ranks}" cannot be ranked: ${fault}`;
}

/** The scores that rank a trait, in the order of their keys. */
export function rankersOf(key: string, traits: TraitsByKey): readonly string[] {
  return [...traits].flatMap(([other, one]) => (isScore(one) && one.ranks === key ? [other] : [])).sort();
}
