import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  aggregatesOfTrait,
  beginAggregate,
  compileAggregate,
  compileValue,
  computeTrait,
  foldOccurrence,
  grainOf,
  knownOf,
  mergeKnown,
  printComputedTrait,
  traitQuery,
  type Aggregate,
  type ComputedTrait,
} from '@tributary/audiences';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { definedTraitArbitrary } from '../../test/defined-trait.arbitrary.js';
import { NOW, personArbitrary, WINDOWS_MS, type PastEvent } from '../../test/past-people.arbitrary.js';
import { personIdOf, storePeople } from '../../test/stored-people.fixture.js';
import { tablesOfSpec } from '../../test/tables.fixture.js';

const tables = tablesOfSpec();
beforeAll(() => tables.start());
afterAll(() => tables.close());

let workspaces = 0;

/** Puts the events of people into the tables, in a workspace of their own. */
async function store(people: readonly (readonly PastEvent[])[]): Promise<string> {
  workspaces += 1;
  const workspace = `w${workspaces}`;
  await storePeople(tables.client, workspace, people);
  return workspace;
}

async function rowsOf(workspaceId: string, query: string) {
  const result = await tables.client.query({ query, query_params: { workspaceId }, format: 'JSONEachRow' });
  return result.json<{ readonly profile_id: string; readonly value: string }>();
}

/** What the streaming computation comes to, as JSON; undefined where nobody hears of a value. */
function streamed(trait: ComputedTrait, person: readonly PastEvent[], at: number): string | undefined {
  const wanted = aggregatesOfTrait(trait).map(({ aggregate, bound }) => {
    const [matches, valueOf] = [compileAggregate(aggregate), compileValue(aggregate)];
    const fragments = ([0, 1] as const).flatMap((which) => {
      const own = person.flatMap((one, sequence) =>
        one.identifier === which && matches(one.event)
          ? [
              {
                time: one.time,
                receivedAt: NOW + one.receivedAt,
                sequence,
                id: `${sequence}`,
                value: valueOf(one.event),
              },
            ]
          : [],
      );
      if (own.length === 0) return [];
      const state = own.reduce(
        (folded, one) => foldOccurrence(aggregate, folded, one),
        beginAggregate(0, bound, { isNew: true }),
      );
      return [knownOf(aggregate, state)];
    });
    return [aggregate.hash, fragments.length > 0 ? mergeKnown(aggregate, fragments) : undefined] as const;
  });
  const known = new Map(wanted);
  const { value, isEmpty } = computeTrait(trait, ({ hash }: Aggregate) => known.get(hash), at);
  if (value === undefined || isEmpty) return undefined;
  const isNumber =
    typeof value === 'string' &&
    ['sum', 'avg', 'min', 'max'].includes(trait.reducer.op) &&
    !('as' in trait.reducer);
  return isNumber ? value : JSON.stringify(value);
}

/** Numbers digit for digit, all else as it reads. */
const normal = (json: string) => (/^["[]/.test(json) ? JSON.stringify(JSON.parse(json)) : json);

/** Where events and slices enter and leave, and a millisecond before and after. */
function instantsOf(trait: ComputedTrait, people: readonly (readonly PastEvent[])[]): readonly number[] {
  const { fromMs = 0, toMs = 0 } = trait.window ?? {};
  const grain = grainOf(toMs);
  const times = people
    .flat()
    .slice(0, 3)
    .flatMap(({ time }) => [time, Math.floor(time / grain) * grain]);
  const stage = trait.reducer.op === 'stage' ? [60_000, 120_000, 86_400_000] : [];
  const borders = times.flatMap((time) => [fromMs, toMs, ...stage].map((ms) => time + ms));
  return [...new Set([NOW, ...borders.flatMap((at) => [at - 1, at, at + 1])])];
}

describe('the query of a computed trait', () => {
  it('finds what the stream computes, for everybody and at every instant', async () => {
    await fc.assert(
      fc.asyncProperty(
        definedTraitArbitrary,
        fc.array(personArbitrary, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        async (trait, people, pick) => {
          const workspace = await store(people);
          const instants = instantsOf(trait, people);
          const at = instants[pick % instants.length] ?? NOW;
          const found = new Map(
            (await rowsOf(workspace, traitQuery(trait, { at }))).map(({ profile_id, value }) => [
              profile_id,
              normal(value),
            ]),
          );
          const expected = people.flatMap((person, p) => {
            const value = streamed(trait, person, at);
            return value === undefined ? [] : [[personIdOf(workspace, p), normal(value)] as const];
          });
          const asked = { query: printComputedTrait(trait), at };
          expect({ ...asked, found }).toEqual({ ...asked, found: new Map(expected) });
        },
      ),
      { numRuns: propertyRuns(200) },
    );
  }, 180_000);

  it('knows windows whose slices those of a longer one are', async () => {
    const trait = {
      call: 'track',
      name: 'A',
      window: { toMs: WINDOWS_MS[0] },
      reducer: { op: 'count' },
    } as const;
    const event = { type: 'track', event: 'A', properties: {} };
    const workspace = await store([[{ identifier: 0, time: NOW + 1_000, receivedAt: 0, event }]]);
    const rows = (at: number) => rowsOf(workspace, traitQuery(trait, { at, windowOf: () => WINDOWS_MS[1] }));
    // A slice of two days is two minutes long: the event counts from its beginning.
    expect(await rows(NOW + 59_999)).toHaveLength(1);
    expect(await rows(NOW + 60_000)).toEqual([]);
  });
});
