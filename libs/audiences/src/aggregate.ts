import { digest } from '@tributary/kernel';
import type { Aggregate, WantedAggregate } from './aggregates/typed-aggregate.js';
import { aggregatesOfValue } from './computed/value-condition.js';
import type { AudienceDefinition, Condition } from './definition.js';
import { aggregateOf, keepFor } from './event-aggregate.js';

/** Names a definition by what it says: another one has another name; so has one whose traits are merged otherwise. */
export function definitionHash(definition: AudienceDefinition, merges: object = {}): string {
  const sorted = Object.entries(merges).sort(([a], [b]) => (a < b ? -1 : 1));
  return digest(JSON.stringify(definition) + (sorted.length > 0 ? ` ${JSON.stringify(sorted)}` : ''));
}

/** The aggregates of a definition, each once, in the order of the text, and how much of each decides its conditions. */
export function wantedBy(definition: AudienceDefinition): readonly WantedAggregate[] {
  const found = new Map<string, WantedAggregate>();
  for (const { aggregate, bound: wanted } of conditionsOf(definition).flatMap(wantedByCondition)) {
    const bound = Math.max(wanted, found.get(aggregate.hash)?.bound ?? 0);
    found.set(aggregate.hash, { aggregate, bound });
  }
  return [...found.values()];
}

function wantedByCondition(condition: Condition): readonly WantedAggregate[] {
  switch (condition.kind) {
    case 'event':
      return [{ aggregate: aggregateOf(condition), bound: keepFor(condition.count) }];
    case 'value':
      return aggregatesOfValue(condition);
    default:
      return [];
  }
}

/** The aggregates of a definition, each once, in the order of the text. */
export function aggregatesOf(definition: AudienceDefinition): readonly Aggregate[] {
  return wantedBy(definition).map(({ aggregate }) => aggregate);
}

/** The names of all traits on which a definition depends: for a dotted name also the trait it may be a path into. */
export function traitNamesOf(definition: AudienceDefinition): readonly string[] {
  const names = new Set<string>();
  for (const condition of conditionsOf(definition)) {
    if (condition.kind !== 'trait') continue;
    names.add(condition.name);
    const [root = ''] = condition.name.split(/[.[]/, 1);
    if (root !== '') names.add(root);
  }
  return [...names];
}

/** The conditions of a definition, in the order of the text. */
export function conditionsOf(definition: AudienceDefinition): readonly Condition[] {
  switch (definition.kind) {
    case 'and':
    case 'or':
      return definition.operands.flatMap(conditionsOf);
    case 'not':
      return conditionsOf(definition.operand);
    default:
      return [definition];
  }
}
