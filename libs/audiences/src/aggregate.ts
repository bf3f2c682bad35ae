import { digest } from '@tributary/kernel';
import type {
  AudienceDefinition,
  CallSelector,
  CountComparison,
  EventCondition,
  Filter,
} from './definition.js';
import { printSelection } from './query-printer.js';

/**
 * What is folded for an event condition: the `keep` latest events of a selection, whatever the window. `hash` names
 * the selection and `keep`; conditions that differ in nothing but the window or the comparison share an aggregate.
 */
export interface EventAggregate {
  readonly hash: string;
  readonly call: CallSelector;
  readonly name?: string;
  readonly where?: Filter;
  readonly keep: number;
}

/** How many of the latest events decide a count: k for `≥ k` and `< k`, k + 1 for the others, one at least. */
export function keepFor(count: CountComparison): number {
  const decisive = count.op === '>=' || count.op === '<' ? count.value : count.value + 1;
  return Math.max(1, decisive);
}

/** Names a definition by what it says: another one has another name. */
export function definitionHash(definition: AudienceDefinition): string {
  return digest(JSON.stringify(definition));
}

/** The name of what is folded for a selection: 16 hexadecimal digits. */
export function aggregateHash(selection: Omit<EventAggregate, 'hash'>): string {
  return digest(`${selection.keep} ${printSelection(selection)}`);
}

const aggregates = new WeakMap<EventCondition, EventAggregate>();

/** The aggregate of one event condition. Conditions are not to be changed once they have been asked about. */
export function aggregateOf(condition: EventCondition): EventAggregate {
  const known = aggregates.get(condition);
  if (known) return known;
  const selection = {
    call: condition.call,
    ...(condition.name === undefined ? {} : { name: condition.name }),
    ...(condition.where === undefined ? {} : { where: condition.where }),
    keep: keepFor(condition.count),
  };
  const aggregate = { hash: aggregateHash(selection), ...selection };
  aggregates.set(condition, aggregate);
  return aggregate;
}

/** The aggregates of a definition, each once, in the order of the text. */
export function aggregatesOf(definition: AudienceDefinition): readonly EventAggregate[] {
  const found = new Map<string, EventAggregate>();
  for (const condition of conditionsOf(definition)) {
    if (condition.kind !== 'event') continue;
    const aggregate = aggregateOf(condition);
    if (!found.has(aggregate.hash)) found.set(aggregate.hash, aggregate);
  }
  return [...found.values()];
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

type Condition = Extract<AudienceDefinition, { kind: 'event' | 'trait' }>;

function conditionsOf(definition: AudienceDefinition): readonly Condition[] {
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
