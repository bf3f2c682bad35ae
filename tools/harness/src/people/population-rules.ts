import { DEFAULT_RULES, type RulesDefinition } from '@tributary/identity';

const { user_id: user, email, anonymous_id: device, '*': other } = DEFAULT_RULES.namespaces;
const base = (rule: RulesDefinition['namespaces'][string] | undefined) => {
  if (!rule) throw new Error('the built-in rules lack a namespace of the population');
  return rule;
};

/** What comes into force one after the other for a `Population`: tighter rules that block values, then wider ones that name otherwise. */
export const POPULATION_RULES: readonly RulesDefinition[] = [
  {
    namespaces: {
      ...DEFAULT_RULES.namespaces,
      user_id: { ...base(user), supernode: 8 },
      email: { ...base(email), limit: 2, blocked: ['*-0@example.com'] },
      anonymous_id: { ...base(device), limit: 3, supernode: 200, blocked: ['tablet-*', 'crawler'] },
    },
  },
  {
    namespaces: {
      user_id: { ...base(user), limit: 2, supernode: 80, priority: 3 },
      email: { ...base(email), limit: 8, priority: 0 },
      'ios.*': { ...base(device), limit: 25, priority: 1 },
      anonymous_id: base(device),
      '*': base(other),
    },
  },
];
