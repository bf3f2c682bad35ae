import {
  aggregateOf,
  compares,
  strategyOf,
  valueAt,
  type AudienceDefinition,
  type EventCondition,
  type Merges,
} from '@tributary/audiences';
import { parseScopedKey } from '@tributary/kernel';
import Big from 'big.js';
import { createHash } from 'node:crypto';
import { computedOf, isBeyondBound, type WindowOf } from './computed.js';
import type { History, PastEvent } from './history.js';
import { mergedOf } from './merges.js';
import { rootOf } from './turning-points.js';

/** What is known of a person, and how it was kept. */
export type Past = Pick<History, 'profile' | 'events'> & {
  /** Of the traits that are merged by a rule. */
  readonly merges?: Merges;
  readonly windowOf: WindowOf;
};

/**
 * Whether a person is in an audience at an instant, by counting: of whom no event is, nobody knows, and nobody is in
 * any audience. Events with one deduplication id count once, as of the latest; a trait has the value of its latest time,
 * whenever that is, or what its rule makes of all. Undefined where it depends on events that nobody may have kept: those beyond the bound of the
 * aggregate, or from before that bound grew.
 */
export function isMember(definition: AudienceDefinition, past: Past, at: number): boolean | undefined {
  return past.events.length > 0 && isTrue(definition, past, at);
}

function isTrue(definition: AudienceDefinition, past: Past, at: number): boolean | undefined {
  switch (definition.kind) {
    case 'and':
      return joined(definition.operands, false, past, at);
    case 'or':
      return joined(definition.operands, true, past, at);
    case 'not': {
      const operand = isTrue(definition.operand, past, at);
      return operand === undefined ? undefined : !operand;
    }
    case 'trait':
      return compares(traitOf(definition.name, past), definition.comparison, at);
    case 'event':
      return holds(definition, past, at);
    case 'value':
      if (isBeyondBound(definition, past)) return undefined;
      return compares(computedOf(definition, past, at, past.windowOf), definition.comparison, at);
    case 'random':
      return isAmong(definition.percent, past);
    case 'audience':
      throw new Error(`the audience ${definition.key} was not resolved`);
  }
}

/** By the first eight bytes of the SHA-1 of the profile's id, as a share of all that there are. */
function isAmong(percent: number, { profile }: Past): boolean {
  const place = createHash('sha1').update(parseScopedKey(profile).id).digest().readBigUInt64BE();
  return new Big(place.toString()).times(100).lt(new Big(2).pow(64).times(percent));
}

/** `decisive` is the value that one operand alone enforces. */
function joined(
  operands: readonly AudienceDefinition[],
  decisive: boolean,
  past: Past,
  at: number,
): boolean | undefined {
  const values = operands.map((operand) => isTrue(operand, past, at));
  if (values.includes(decisive)) return decisive;
  return values.includes(undefined) ? undefined : !decisive;
}

function holds(condition: EventCondition, past: Past, at: number): boolean | undefined {
  const { hash } = aggregateOf(condition);
  const latest = new Map<string, PastEvent>();
  // In the order of time: the last one of an id stays.
  for (const event of past.events)
    if (event.aggregates.includes(hash)) latest.set(event.deduplicationId, event);
  const { withinMs = Infinity, count } = condition;
  const counted = [...latest.values()].filter((event) => event.at <= at && at < event.at + withinMs);
  const kept = keptOf(hash, past);
  const sure = counted.filter((event) => kept.has(event)).length;
  const value = compares(sure, count);
  // One that is yet to come takes the place of one that was.
  const isSure = sure === counted.length && [...latest.values()].every((event) => event.at <= at);
  const more = [count.value, count.value + 1].filter((n) => n > sure);
  return isSure || more.every((n) => compares(n, count) === value) ? value : undefined;
}

/** Of each identifier as many of the latest as its aggregate keeps. */
function keptOf(hash: string, { events }: Past): ReadonlySet<PastEvent> {
  const byPrimary = new Map<string, number>();
  const kept = new Set<PastEvent>();
  for (const event of events.toReversed()) {
    const bound = event.kept[hash];
    const before = byPrimary.get(event.primary) ?? 0;
    if (bound === undefined || before >= bound) continue;
    byPrimary.set(event.primary, before + 1);
    kept.add(event);
  }
  return kept;
}

function traitOf(name: string, past: Past): unknown {
  const { events, merges } = past;
  const last = (trait: string) => {
    const strategy = strategyOf(merges, trait);
    if (strategy !== 'latest') return mergedOf(trait, strategy, past)?.value;
    return events.findLast(({ traits }) => traits !== undefined && Object.hasOwn(traits, trait))?.traits?.[
      trait
    ];
  };
  const root = rootOf(name);
  const nested = root === name ? undefined : valueAt({ [root]: last(root) }, name);
  return nested ?? last(name);
}
