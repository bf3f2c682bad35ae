import { describe, expect, it } from '@jest/globals';
import {
  beginAggregate,
  compileAggregate,
  compileValue,
  evaluate,
  foldOccurrence,
  knownOf,
  parseQuery,
  scalarsOf,
  wantedBy,
  type Aggregate,
  type AudienceDefinition,
  type Facts,
} from '@tributary/audiences';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import type { PastEvent } from './history.js';
import { isMember, type Past } from './membership.js';
import { turningPoints } from './turning-points.js';

const END = 30_000;
const OF_EVENTS = ['count()', "sum(property('x'))", "unique(property('x')).count()"];
const OF_VALUES = [
  "avg(property('x'))",
  "min(property('x'))",
  "mode(property('x'), 1)",
  "last(property('x'))",
];
const WINDOWS = ['', '.within(4 seconds)', '.within(9 seconds)', '.between(2 seconds, 5 seconds)'];
const COMPARISONS = ['>= 2', '= 1', '< 3', '.exists()', '.one_of(1, 4)'];
const OTHERS = [
  "first_time('A').within(6 seconds)",
  "event('A').last_at().before_last(3 seconds)",
  "event('A').last_at().within_next(3 seconds)",
  "event('A').time_since_last() > 2",
  "event('A').stage(2 seconds, 4 seconds, 7 seconds) = 'won_back'",
  "event('A').stage(2 seconds, 4 seconds, 7 seconds) != 'dormant'",
  'random(50%)',
];

const condition = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...WINDOWS),
      fc.constantFrom(...OF_EVENTS, ...OF_VALUES),
      fc.constantFrom(...COMPARISONS),
    )
    .filter(([, reducer, comparison]) => reducer !== 'count()' || !comparison.includes('exists'))
    .map(
      ([window, reducer, comparison]) =>
        `event('A')${window}.${reducer}${comparison.replace(/^(?!\.)/, ' ')}`,
    ),
  fc.constantFrom(...OTHERS),
);
const query = fc.oneof(
  condition,
  fc
    .tuple(condition, fc.constantFrom('AND', 'OR', 'AND NOT'), condition)
    .map(([a, by, b]) => `${a} ${by} (${b})`),
);
/** In the order of time, each with a value, or a list, or none. */
const history = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 40 }).map((half) => half * 500),
      x: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(undefined, [1, 2])),
    }),
    { maxLength: 8 },
  )
  .map((all) => all.sort((a, b) => a.at - b.at));
type Happened = typeof history extends fc.Arbitrary<infer T> ? T : never;

function definitionOf(text: string): AudienceDefinition {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.value;
}

const PROFILE = '3f2b9d6e-0000-5000-8000-000000000001';

/** What segmentation knows of a person. */
function factsOf(definition: AudienceDefinition, happened: Happened): Facts {
  const known = wantedBy(definition).map(({ aggregate, bound }) => {
    const [matches, valueOf] = [compileAggregate(aggregate), compileValue(aggregate)];
    const state = happened.reduce(
      (folded, { at, x }, i) => {
        const event = eventOf(x);
        if (!matches(event)) return folded;
        const place = { time: at, receivedAt: at, sequence: i, id: `m${i}` };
        return foldOccurrence(aggregate, folded, { ...place, value: valueOf(event) });
      },
      beginAggregate(0, bound, { isNew: true }),
    );
    return [aggregate.hash, knownOf(aggregate, state)] as const;
  });
  const byHash = new Map(known);
  return { profileId: PROFILE, known: ({ hash }) => byHash.get(hash), trait: () => undefined };
}

const eventOf = (x: unknown) => ({ type: 'track', event: 'A', properties: x === undefined ? {} : { x } });

/** What the verification reads of the same person. */
function pastOf(definition: AudienceDefinition, happened: Happened): Past {
  const wanted = wantedBy(definition);
  const events = happened.map(({ at, x }, i): PastEvent => {
    const event = eventOf(x);
    const matching = wanted.filter(({ aggregate }) => compileAggregate(aggregate)(event));
    const read = matching.map(({ aggregate }) => {
      const values = scalarsOf(compileValue(aggregate)(event));
      return [aggregate.hash, { values, isSingle: values.length === 1 && !Array.isArray(x) }] as const;
    });
    return {
      ...{ primary: 'w/user_id:u', others: [], partition: 0, offset: i, messageId: `m${i}` },
      ...{ deduplicationId: `m${i}`, sourceId: 's', at, receivedAt: at, sequence: i, traits: undefined },
      aggregates: matching.map(({ aggregate }) => aggregate.hash),
      values: Object.fromEntries(read),
      kept: Object.fromEntries(matching.map(({ aggregate, bound }) => [aggregate.hash, bound])),
    };
  });
  const bounds = new Map(wanted.map(({ aggregate, bound }) => [aggregate.hash, bound]));
  const windowOf = ({ hash }: Aggregate) => bounds.get(hash) ?? 0;
  return { profile: `w/${PROFILE}`, events, windowOf };
}

describe('a membership that is computed anew', () => {
  it('is what segmentation evaluates, and its instant one at which something turned', () => {
    fc.assert(
      fc.property(query, history, fc.integer({ min: 20_000, max: END }), (text, happened, now) => {
        const definition = definitionOf(text);
        const past = pastOf(definition, happened);
        if (happened.length === 0) return;
        const { member, since } = evaluate(definition, factsOf(definition, happened), now);
        const expected = isMember(definition, past, now);
        if (expected !== undefined) expect(member).toBe(expected);
        if (since !== undefined) expect([...turningPoints(definition, past)]).toContain(since);
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});
