import { namespaceReader, type NamespaceReader, type NormaliserOf } from '@tributary/events';
import { IdentityRules, type NamespaceRule, type RulesDefinition } from '@tributary/identity';

/** What is an identifier by these rules, and how it is written. What they block is for identity to say: so it can be lifted. */
export function toNormaliserOf(definition: RulesDefinition): NormaliserOf {
  const rules = new IdentityRules(definition);
  const readers = new Map<NamespaceRule, NamespaceReader>(
    Object.values(definition.namespaces).map((rule) => [rule, namespaceReader(rule)]),
  );
  return (namespace) => {
    const rule = rules.ruleOf(namespace);
    return readers.get(rule) ?? namespaceReader(rule);
  };
}
