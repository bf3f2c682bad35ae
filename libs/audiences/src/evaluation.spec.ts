import { describe, expect, it } from '@jest/globals';
import { evaluate, type Evaluation } from './evaluation.js';
import type { TraitFact } from './facts.js';
import type { Aggregate } from './aggregates/typed-aggregate.js';
import { aggregatesOf, traitNamesOf, wantedBy } from './aggregate.js';
import { parseQuery } from './parse-query.js';

const DAY = 86_400_000;

type LatestOccurrences = readonly (readonly [time: number, id: string])[];

const knownOf = (state: LatestOccurrences | undefined, limit?: number) =>
  state && {
    part: { entries: state, ...(limit !== undefined && { limit: [limit, ''] }) },
    isWhole: true,
  };

function definitionOf(text: string) {
  const result = parseQuery(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function evaluateQuery(
  text: string,
  now: number,
  states: readonly LatestOccurrences[] = [],
  traits: Readonly<Record<string, TraitFact>> = {},
): Evaluation {
  const definition = definitionOf(text);
  const byHash = new Map(aggregatesOf(definition).map(({ hash }, i) => [hash, states[i]]));
  const known = ({ hash }: Aggregate) => knownOf(byHash.get(hash));
  return evaluate(definition, { profileId: 'p', known, trait: (name) => traits[name] }, now);
}

describe('evaluate', () => {
  it('counts an event from its own instant on until exactly the end of the window', () => {
    const query = "event('A').within(1 day).count() >= 1";
    const state: LatestOccurrences = [[1_000, 'm1']];
    expect(evaluateQuery(query, 999, [state])).toEqual({ member: false, since: undefined, deadline: 1_000 });
    expect(evaluateQuery(query, 1_000, [state])).toEqual({
      member: true,
      since: 1_000,
      deadline: 1_000 + DAY,
    });
    expect(evaluateQuery(query, 999 + DAY, [state])).toMatchObject({ member: true });
    expect(evaluateQuery(query, 1_000 + DAY, [state])).toEqual({
      member: false,
      since: 1_000 + DAY,
      deadline: undefined,
    });
  });

  it('lets those in who have not done it, and back in when the window has passed', () => {
    const query = "event('A').within(1 day).count() = 0";
    expect(evaluateQuery(query, 5)).toEqual({ member: true, since: undefined, deadline: undefined });
    expect(evaluateQuery(query, 5, [[[3, 'm1']]])).toEqual({ member: false, since: 3, deadline: 3 + DAY });
    expect(evaluateQuery(query, 3 + DAY, [[[3, 'm1']]])).toEqual({
      member: true,
      since: 3 + DAY,
      deadline: undefined,
    });
  });

  it('is a member until the k-th latest leaves', () => {
    const state: LatestOccurrences = [
      [30, 'm3'],
      [20, 'm2'],
    ];
    expect(evaluateQuery("event('A').within(1 day).count() >= 2", 40, [state])).toEqual({
      member: true,
      since: 30,
      deadline: 20 + DAY,
    });
  });

  it('is a member of an AND since the last of its conditions, until the first that ends', () => {
    const query = "event('A').within(1 day).count() >= 1 AND event('B').within(2 days).count() >= 1";
    expect(evaluateQuery(query, 40, [[[10, 'm1']], [[20, 'm2']]])).toEqual({
      member: true,
      since: 20,
      deadline: 10 + DAY,
    });
  });

  it('has been out of an AND since the first of its conditions failed', () => {
    const query = "event('A').within(1 day).count() >= 1 AND event('B').within(2 days).count() >= 1";
    const states: readonly LatestOccurrences[] = [[[10, 'm1']], [[20, 'm2']]];
    expect(evaluateQuery(query, 20 + 3 * DAY, states)).toMatchObject({ member: false, since: 10 + DAY });
  });

  it('has been in an OR since the last gap, be it of a millisecond', () => {
    const query = "event('A').within(1 second).count() >= 1 OR event('B').within(1 second).count() >= 1";
    expect(evaluateQuery(query, 1_500, [[[0, 'm1']], [[1_001, 'm2']]])).toMatchObject({
      member: true,
      since: 1_001,
    });
    expect(evaluateQuery(query, 1_500, [[[0, 'm1']], [[1_000, 'm2']]])).toMatchObject({
      member: true,
      since: 0,
    });
  });

  it('has held a value of a trait since it was set', () => {
    const traits = { plan: { value: 'pro', at: 7 } };
    expect(evaluateQuery("trait('plan') = 'pro'", 9, [], traits)).toMatchObject({ member: true, since: 7 });
    expect(evaluateQuery("trait('plan') = 'free'", 9, [], traits)).toMatchObject({ member: false, since: 7 });
    expect(evaluateQuery("trait('plan').absent()", 9)).toMatchObject({ member: true, since: undefined });
  });

  it('takes a removed trait for absent, since its removal', () => {
    const traits = { plan: { value: null, at: 7 } };
    expect(evaluateQuery("trait('plan').absent()", 9, [], traits)).toMatchObject({ member: true, since: 7 });
    expect(evaluateQuery("trait('plan') != 'pro'", 9, [], traits)).toMatchObject({ member: false });
  });

  it('follows a dotted name into a trait', () => {
    const traits = { address: { value: { city: 'Ulm' }, at: 7 } };
    expect(evaluateQuery("trait('address.city') = 'Ulm'", 9, [], traits)).toMatchObject({
      member: true,
      since: 7,
    });
    expect(traitNamesOf(definitionOf("trait('address.city') = 'Ulm'"))).toEqual(['address.city', 'address']);
  });
});

describe('evaluate, where a greater count was kept of fewer', () => {
  const evaluateKnown = (text: string, now: number, state: LatestOccurrences, unknownUntil: number) =>
    evaluate(
      definitionOf(text),
      { profileId: 'p', known: () => knownOf(state, unknownUntil), trait: () => undefined },
      now,
    );
  const two: LatestOccurrences = [
    [30, 'm3'],
    [20, 'm2'],
  ];

  it('does not know whether there was a third, until the second has left the window', () => {
    const query = "event('A').within(1 day).count() >= 3";
    expect(evaluateKnown(query, 40, two, 20)).toMatchObject({ isUnknown: true, deadline: 20 + DAY });
    const left = evaluateKnown(query, 20 + DAY, two, 20);
    expect(left).toMatchObject({ member: false });
    expect(left).not.toHaveProperty('isUnknown');
  });

  it('knows what follows from those that it knows, of any comparison', () => {
    const isUnknown = (comparison: string) =>
      'isUnknown' in evaluateKnown(`event('A').count() ${comparison}`, 40, two, 20);
    expect(['>= 2', '< 2', '= 1', '!= 1', '> 1', '<= 1'].map(isUnknown)).toEqual(Array(6).fill(false));
    expect(['>= 3', '< 3', '= 2', '!= 2', '> 2', '<= 2'].map(isUnknown)).toEqual(Array(6).fill(true));
  });

  it('knows an AND of which something else is false, and an OR of which something else is true', () => {
    const often = "event('A').count() >= 3";
    expect(evaluateKnown(`${often} AND trait('x').exists()`, 40, two, 20)).not.toHaveProperty('isUnknown');
    expect(evaluateKnown(`${often} OR trait('x').absent()`, 40, two, 20)).not.toHaveProperty('isUnknown');
    expect(evaluateKnown(`NOT (${often})`, 40, two, 20)).toHaveProperty('isUnknown');
  });
});

describe('evaluate, of a value', () => {
  const spent = "event('A').within(1 day).sum(property('x')) >= 10";
  /** Of slices of a minute: so much was spent in each. */
  const facts = (slices: readonly (readonly [number, string])[], limit?: number) => {
    const entries = slices.map(([at, sum]) => [at, 60_000, 1, 1, sum, sum, sum, 0, 0]);
    const tiles = { entries, ...(limit !== undefined && { limit: [limit, 60_000] }) };
    const latest = { entries: slices.slice(0, 1).map(([at]) => [at + 7, 'm', at, 0]) };
    const known = ({ kind }: Aggregate) => ({ part: kind === 'tiles' ? tiles : latest, isWhole: true });
    return { profileId: 'p', known, trait: () => undefined };
  };

  it('holds since the latest event, until a slice leaves', () => {
    const evaluation = evaluate(
      definitionOf(spent),
      facts([
        [60_000, '6'],
        [0, '4'],
      ]),
      70_000,
    );
    expect(evaluation).toEqual({ member: true, since: 60_007, deadline: DAY });
    expect(
      evaluate(
        definitionOf(spent),
        facts([
          [60_000, '6'],
          [0, '4'],
        ]),
        DAY + 5,
      ),
    ).toEqual({
      member: false,
      since: DAY,
      deadline: DAY + 60_000,
    });
  });

  it('is not known while slices of the window may be missing, unless something else decides', () => {
    const few = facts([[60_000, '6']], 60_000);
    expect(evaluate(definitionOf(spent), few, 70_000)).toMatchObject({
      isUnknown: true,
      deadline: DAY + 60_000,
    });
    expect(evaluate(definitionOf(`${spent} OR trait('a').absent()`), few, 70_000)).not.toHaveProperty(
      'isUnknown',
    );
    expect(evaluate(definitionOf(spent), few, DAY + 60_000)).not.toHaveProperty('isUnknown');
  });

  it('asks for the latest event beside what keeps no times, and for nothing more', () => {
    const kindsOf = (text: string) => wantedBy(definitionOf(text)).map(({ aggregate }) => aggregate.kind);
    expect(kindsOf(spent)).toEqual(['tiles', 'latest']);
    expect(kindsOf("event('A').sum(property('x')) > 1")).toEqual(['total', 'latest']);
    expect(kindsOf("event('A').unique(property('x')).count() > 1")).toEqual(['values']);
    expect(kindsOf("event('A').sum(property('x')) > 1 AND event('A').count() >= 3")).toEqual([
      'total',
      'latest',
    ]);
  });
});

describe('chance', () => {
  it('takes a share, and of more people the same ones', () => {
    const members = (percent: string) => {
      const definition = definitionOf(`random(${percent}%)`);
      const ids = Array.from({ length: 4_000 }, (_, i) => `profile ${i}`);
      return ids.filter(
        (profileId) =>
          evaluate(definition, { profileId, known: () => undefined, trait: () => undefined }, 0).member,
      );
    };
    const [few, more] = [members('10'), new Set(members('20'))];
    expect(few.length).toBeGreaterThan(340);
    expect(few.length).toBeLessThan(460);
    expect(few.every((id) => more.has(id))).toBe(true);
    expect(members('100')).toHaveLength(4_000);
  });
});

describe('aggregatesOf', () => {
  it('shares an aggregate between conditions that differ in the window or the comparison alone', () => {
    const definition = definitionOf(
      "event('A').within(1 day).count() >= 2 OR event('A').within(2 days).count() = 1 OR event('A').count() < 2",
    );
    expect(wantedBy(definition)).toMatchObject([{ aggregate: { call: 'track', name: 'A' }, bound: 2 }]);
  });

  it('tells aggregates apart by name and filter, and asks for as many occurrences as the greatest count needs', () => {
    const definition = definitionOf(
      "event('A').count() >= 1 OR event('B').count() >= 1 OR event('A').count() >= 2 OR " +
        "event('A').where(property('x') = 1).count() >= 1 OR page('A').count() >= 1",
    );
    expect(wantedBy(definition).map(({ bound }) => bound)).toEqual([2, 1, 1, 1]);
    expect(new Set(aggregatesOf(definition).map(({ hash }) => hash)).size).toBe(4);
  });

  it('never changes the name of an aggregate, for states are stored under it', () => {
    const definition = definitionOf("event('A').where(property('price') >= 100).within(7 days).count() >= 1");
    expect(aggregatesOf(definition).map(({ hash }) => hash)).toEqual(['310c9fb5e0b9291d']);
  });
});
