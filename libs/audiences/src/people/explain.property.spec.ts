import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { definitionOver, eventArbitrary, resolvedArbitrary } from '../../test/definition.arbitrary.js';
import { evaluate } from '../evaluation.js';
import { explain, MOST_EVENTS, type Explained } from './explain.js';
import { PersonFacts, type PersonEvent } from './person-facts.js';

const NOW = 1_000_000;
const WINDOWS = [1_000, 10_000];

const event: fc.Arbitrary<Omit<PersonEvent, 'id' | 'messageId' | 'sequence'>> = fc.record({
  type: fc.constantFrom('track', 'track', 'page', 'identify'),
  event: fc.constantFrom('A', 'B', 'a.b'),
  name: fc.constantFrom('A', 'B'),
  time: fc.integer({ min: NOW - 12_000, max: NOW + 2_000 }),
  receivedAt: fc.nat(3),
  traits: fc.dictionary(
    fc.constantFrom('A', 'B', 'a', 'a.b'),
    fc.constantFrom<unknown>(1, 'a', null, [1], { b: 2 }),
    {
      maxKeys: 2,
      noNullPrototype: true,
    },
  ),
});
const events = fc
  .array(event, { maxLength: 12 })
  .map((all) => all.map((one, i) => ({ ...one, sequence: i, id: `id-${i}`, messageId: `message-${i}` })));
const definition = resolvedArbitrary(
  eventArbitrary(fc.constantFrom(undefined, ...WINDOWS), fc.integer({ min: 0, max: 3 })),
);

/** Without filters, so that time often changes something. */
const counting = definitionOver(
  fc.record({
    kind: fc.constant('event' as const),
    call: fc.constant('track' as const),
    name: fc.constantFrom('A', 'B'),
    withinMs: fc.constantFrom(...WINDOWS),
    count: fc.record({
      op: fc.constantFrom('>=' as const, '=' as const),
      value: fc.integer({ min: 1, max: 2 }),
    }),
  }),
);
const past = events.map((all) =>
  all.map((one) => ({ ...one, type: 'track', time: Math.min(one.time, NOW) })),
);

function factsOf(of: Parameters<typeof explain>[0], all: readonly PersonEvent[]): PersonFacts {
  const facts = new PersonFacts(of, 'p');
  for (const one of all) facts.take(one);
  return facts;
}

/** What the nodes below say together. */
function joined(node: Explained): boolean {
  switch (node.kind) {
    case 'and':
      return node.operands.every(joined);
    case 'or':
      return node.operands.some(joined);
    case 'not':
      return !joined(node.operand);
    default:
      return node.holds;
  }
}

describe('an explanation', () => {
  it('says of the whole and of every node what the evaluation says', () => {
    fc.assert(
      fc.property(definition, events, (of, all) => {
        const facts = factsOf(of, all);
        const { holds, tree } = explain(of, facts, NOW);
        expect(holds).toBe(evaluate(of, facts, NOW).member);
        expect(tree.holds).toBe(holds);
        expect(joined(tree)).toBe(holds);
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('does not depend on the order of the events', () => {
    fc.assert(
      fc.property(definition, events, (of, all) => {
        const [there, back] = [factsOf(of, all), factsOf(of, all.toReversed())];
        expect(explain(of, there, NOW)).toEqual(explain(of, back, NOW));
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('names the first instant at which time changes the whole, and none where it does not', () => {
    let changing = 0;
    fc.assert(
      fc.property(counting, past, (of, all) => {
        const facts = factsOf(of, all);
        const { holds, changesAt } = explain(of, facts, NOW);
        const borders = all.flatMap(({ time }) => WINDOWS.map((ms) => time + ms));
        const later = [...new Set(borders)].filter((at) => at > NOW).sort((x, y) => x - y);
        const first = later.find((at) => evaluate(of, facts, at).member !== holds);
        if (first !== undefined) changing += 1;
        expect(changesAt).toBe(first);
      }),
      { numRuns: propertyRuns(300) },
    );
    expect(changing).toBeGreaterThan(50);
  });
});

describe('the events of a condition', () => {
  const condition = {
    ...{ kind: 'event' as const, call: 'track' as const, name: 'A', withinMs: 10_000 },
    count: { op: '>=' as const, value: 1 },
  };

  it('are the latest that count, by the messages that brought them', () => {
    const all = Array.from({ length: 15 }, (_, i) => {
      return {
        type: 'track',
        event: 'A',
        time: NOW - i,
        receivedAt: 0,
        sequence: i,
        id: `id-${i}`,
        messageId: `m-${i}`,
      };
    });
    const facts = factsOf(condition, [...all, { ...all[0]!, id: 'old', time: NOW - 10_000 }]);
    const { tree } = explain(condition, facts, NOW);
    if (tree.kind !== 'event') throw new Error('it is a condition on events');
    expect(tree.value).toBe(15);
    expect(tree.events.map(({ time, id }) => [time, facts.messageIdOf(id)])).toEqual(
      all.slice(0, MOST_EVENTS).map(({ time, messageId }) => [time, messageId]),
    );
  });

  it('keep their messages however many ids come', () => {
    const facts = new PersonFacts(condition, 'p');
    const many = 25_000;
    for (let i = 0; i < many; i += 1)
      facts.take({
        type: 'track',
        event: 'A',
        time: i,
        receivedAt: 0,
        sequence: 0,
        id: `id-${i}`,
        messageId: `m-${i}`,
      });
    const { tree } = explain(condition, facts, many);
    if (tree.kind !== 'event') throw new Error('it is a condition on events');
    expect(tree.value).toBe(101);
    expect(tree.events.map(({ id }) => facts.messageIdOf(id))[0]).toBe(`m-${many - 1}`);
    expect(facts.messageIdOf('id-0')).toBe('id-0');
  });
});
