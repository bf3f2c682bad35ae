import { digest } from '@tributary/kernel';
import { nameOf, type Aggregate } from './aggregates/typed-aggregate.js';
import type { AudienceDefinition, CountComparison, EventCondition } from './definition.js';

/** How many of the latest events decide a count: k for `≥ k` and `< k`, k + 1 for the others, one at least. */
export function keepFor(count: CountComparison): number {
  const decisive = count.op === '>=' || count.op === '<' ? count.value : count.value + 1;
  return Math.max(1, decisive);
}

/** Names a definition by what it says: another one has another name; so has one whose traits are merged otherwise. */
export function definitionHash(definition: AudienceDefinition, merges: object = {}): string {
  const sorted = Object.entries(merges).sort(([a], [b]) => (a < b ? -1 : 1));
  return digest(JSON.stringify(definition) + (sorted.length > 0 ? ` ${JSON.stringify(sorted)}` : ''));
}

/** An aggregate that a definition reads, and how much of it. */
export interface WantedAggregate {
  readonly aggregate: Aggregate;
  readonly bound: number;
}

const aggregates = new WeakMap<EventCondition, Aggregate>();

/**
 * The aggregate of one event condition: the latest events of its selection. Conditions that differ in the window or the
 * comparison share it. Conditions are not to be changed once they have been asked about.
 */
export function aggregateOf(condition: EventCondition): Aggregate {
  const known = aggregates.get(condition);
  if (known) return known;
  const selection = {
    call: condition.call,
    ...(condition.name === undefined ? {} : { name: condition.name }),
    ...(condition.where === undefined ? {} : { where: condition.where }),
    kind: 'latest' as const,
  };
  const aggregate = { hash: nameOf(selection), ...selection };
  aggregates.set(condition, aggregate);
  return aggregate;
}

/** The aggregates of a definition, each once, in the order of the text, and how much of each decides its conditions. */
export function wantedBy(definition: AudienceDefinition): readonly WantedAggregate[] {
  const found = new Map<string, WantedAggregate>();
  for (const condition of conditionsOf(definition)) {
    if (condition.kind !== 'event') continue;
    const aggregate = aggregateOf(condition);
    const bound = Math.max(keepFor(condition.count), found.get(aggregate.hash)?.bound ?? 0);
    found.set(aggregate.hash, { aggregate, bound });
  }
  return [...found.values()];
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
