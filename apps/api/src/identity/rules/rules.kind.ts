import { TOPICS, type IdentityRulesMessage } from '@tributary/contracts';
import type { DefinitionKind } from '@tributary/control';
import { ruleFaults } from '@tributary/identity';

/** The rules: one definition, of the id `rules`, or none. */
export const RULES: DefinitionKind<IdentityRulesMessage> = {
  name: 'identity-rules',
  topic: TOPICS.identityRules,
  faultOf: (rules) => {
    const faults = ruleFaults(rules).map(({ field, message }) => `${field} ${message}`);
    return faults.length === 0 ? undefined : faults.join('; ');
  },
};
