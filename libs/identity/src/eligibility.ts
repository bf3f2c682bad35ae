import { baseOf, compareByDigest, namespaceOf, type Identifier } from '@tributary/kernel';
import { bytesOf } from './link.js';
import type { IdentityRules } from './rules.js';

/**
 * Why an identifier does not join through a partner: one of the two values is blocked; it has met too many others to
 * be anybody's; it is a supernode; or as many partners of the namespace as may be were seen before this one.
 */
export type EndRefusal = 'blocked' | 'too_many_partners' | 'supernode' | 'limit';

/**
 * One end's own decision on its partners (identifier → first seen), from nothing but them: through each it may join
 * (undefined), or may not, and why.
 */
export function eligibilityOfPartners(
  me: Identifier,
  partners: ReadonlyMap<Identifier, number>,
  rules: IdentityRules,
): ReadonlyMap<Identifier, EndRefusal | undefined> {
  const all = (refusal: EndRefusal) =>
    new Map([...partners.keys()].map((partner) => [partner, refusal] as const));
  if (rules.isBlocked(me)) return all('blocked');
  if (areTooMany(partners.keys(), rules)) return all('too_many_partners');
  const decided = new Map<Identifier, EndRefusal | undefined>();
  const byNamespace = new Map<string, Identifier[]>();
  for (const partner of partners.keys()) {
    const isBlocked = rules.isBlocked(partner);
    decided.set(partner, isBlocked ? 'blocked' : 'supernode');
    if (isBlocked) continue;
    const namespace = namespaceOf(baseOf(partner));
    const same = byNamespace.get(namespace);
    if (same) same.push(partner);
    else byNamespace.set(namespace, [partner]);
  }
  for (const [namespace, same] of byNamespace) {
    if (same.length > rules.ruleOf(namespace).supernode) return decided;
  }
  for (const [namespace, same] of byNamespace) {
    same.sort(
      (a, b) => (partners.get(a) ?? 0) - (partners.get(b) ?? 0) || compareByDigest(baseOf(a), baseOf(b)),
    );
    const { limit } = rules.ruleOf(namespace);
    for (const [i, partner] of same.entries()) decided.set(partner, i < limit ? undefined : 'limit');
  }
  return decided;
}

/** Whether an identifier with these partners is a supernode under all rules. */
export function areTooMany(
  partners: Iterable<Identifier>,
  { bounds }: Pick<IdentityRules, 'bounds'>,
): boolean {
  let [count, text] = [0, 0];
  for (const partner of partners) {
    count += 1;
    text += bytesOf(baseOf(partner));
    if (count > bounds.partners || text > bounds.partnerText) return true;
  }
  return false;
}
