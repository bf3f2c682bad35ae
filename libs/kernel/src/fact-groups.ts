/** The group of what was seen: `@seen`, `identifier/<id>`, and `@attached`. */
export const SEEN_GROUP = '@';
/** The group of all traits: `trait/<name>`. */
export const TRAITS_GROUP = 'traits';

/** The group of the accounts that an identifier named: `account/group_id:<groupId>`. */
export const ACCOUNTS_GROUP = 'accounts';

/** The group in which a fact of a fragment is published: one record has the whole group. An aggregate is a group of its own. */
export function groupOfFact(fact: string): string {
  if (fact.startsWith('trait/')) return TRAITS_GROUP;
  if (fact.startsWith('account/')) return ACCOUNTS_GROUP;
  return fact.startsWith('aggregate/') ? fact : SEEN_GROUP;
}
