import type { Identifier } from '@tributary/kernel';

/** What a namespace's identifiers may do. Both bounds are about partners of this namespace. */
export interface NamespaceRule {
  /** How many identifiers of the namespace a profile holds at most, and through how many partners one joins. */
  readonly limit: number;
  /** An identifier with more distinct partners of the namespace than this is a hub: it joins through none. */
  readonly hub: number;
}

export interface IdentityRules {
  ruleOf(namespace: string): NamespaceRule;
  isBlocked(id: Identifier): boolean;
}

/** The most identifiers that a profile holds. */
export const MAX_IDENTIFIERS = 1_000;

const USER: NamespaceRule = { limit: 1, hub: 20 };
const DEVICE: NamespaceRule = { limit: 100, hub: 1_000 };
const OTHER: NamespaceRule = { limit: 5, hub: 20 };

/** One user a profile, five of its addresses and numbers, a hundred devices. */
export const DEFAULT_RULES: IdentityRules = {
  ruleOf: (namespace) => {
    if (namespace === 'user_id') return USER;
    return namespace === 'anonymous_id' || /^(android|ios)\./.test(namespace) ? DEVICE : OTHER;
  },
  isBlocked: () => false,
};
