import { normaliser, type Normaliser, type NormaliserOf } from '@tributary/events';
import { IdentityRules, type NamespaceRule, type RulesDefinition } from '@tributary/identity';

/** How identifiers are written by these rules. What they block is for identity to say: so it can be lifted. */
export function toNormaliserOf(definition: RulesDefinition): NormaliserOf {
  const rules = new IdentityRules(definition);
  const normalisers = new Map<NamespaceRule, Normaliser>(
    Object.values(definition.namespaces).map((rule) => [rule, normaliser(rule.normalise)]),
  );
  return (namespace) => {
    const rule = rules.ruleOf(namespace);
    return normalisers.get(rule) ?? normaliser(rule.normalise);
  };
}
