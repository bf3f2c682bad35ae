import { normaliser, type Normaliser, type NormaliserOf } from '@tributary/events';
import { ruleIn, type RulesDefinition } from '@tributary/identity';

/** Senders may make up namespaces: those of a burst of nonsense are not kept. */
const REMEMBERED = 1_000;

/** How identifiers are written by these rules. What they block is for identity to say: so it can be lifted. */
export function toNormaliserOf(rules: RulesDefinition): NormaliserOf {
  const known = new Map<string, Normaliser>();
  return (namespace) => {
    let write = known.get(namespace);
    if (!write) {
      if (known.size >= REMEMBERED) known.clear();
      write = normaliser(ruleIn(rules, namespace).normalise);
      known.set(namespace, write);
    }
    return write;
  };
}
