import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  aggregatesOfTrait,
  audienceQuery,
  beginAggregate,
  compares,
  compileAggregate,
  compileValue,
  computeTrait,
  evaluate,
  foldOccurrence,
  knownOf,
  mergeKnown,
  PersonFacts,
  printComputedTrait,
  printQuery,
  valueQuery,
  type AudienceDefinition,
  type ComputedTrait,
  type Merges,
} from '@tributary/audiences';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { comparison, definedTraitArbitrary } from '../../test/defined-trait.arbitrary.js';
import {
  definitionArbitrary,
  mergesArbitrary,
  repeatingArbitrary,
} from '../../test/past-audience.arbitrary.js';
import { NOW, personArbitrary, WINDOWS_MS, type PastEvent } from '../../test/past-people.arbitrary.js';
import { personIdOf, storePeople } from '../../test/stored-people.fixture.js';
import { tablesOfSpec } from '../../test/tables.fixture.js';

const tables = tablesOfSpec();
beforeAll(() => tables.start());
afterAll(() => tables.close());

let workspaces = 0;

async function store(people: readonly (readonly PastEvent[])[]): Promise<string> {
  workspaces += 1;
  await storePeople(tables.client, `w${workspaces}`, people);
  return `w${workspaces}`;
}

const EVERYBODY =
  'SELECT DISTINCT profile_id FROM (SELECT profile_id FROM events_log_by_profile WHERE workspace_id = {workspaceId:String})';

async function idsOf(workspaceId: string, query: string, parameters: object = {}) {
  const query_params = { ...parameters, workspaceId };
  const result = await tables.client.query({ query, query_params, format: 'JSONEachRow' });
  const rows = await result.json<{ readonly profile_id: string }>();
  return rows.map(({ profile_id }) => profile_id).sort();
}

async function membersOf(
  workspaceId: string,
  definition: AudienceDefinition,
  at: number,
  merges: Merges = {},
) {
  const { query, parameters } = audienceQuery(definition, { at, merges });
  return idsOf(workspaceId, query, parameters);
}

/** By the evaluation of the stream, over what had happened. */
function isMember(
  profileId: string,
  person: readonly PastEvent[],
  definition: AudienceDefinition,
  at: number,
  merges: Merges,
): boolean {
  const facts = new PersonFacts(definition, profileId, merges);
  const seen = new Set<string>();
  for (const [sequence, { identifier, time, receivedAt, event, id = `${sequence}` }] of person.entries()) {
    if (seen.has(`${identifier} ${id}`)) continue;
    seen.add(`${identifier} ${id}`);
    if (time > at) continue;
    facts.take({ ...event, time, receivedAt: NOW + receivedAt, sequence, id, messageId: `${sequence}` });
  }
  return facts.count > 0 && evaluate(definition, facts, at).member;
}

/** By the computation of the stream, over what had happened. */
function computedOf(trait: ComputedTrait, person: readonly PastEvent[], at: number) {
  const known = new Map(
    aggregatesOfTrait(trait).map(({ aggregate, bound }) => {
      const [matches, valueOf] = [compileAggregate(aggregate), compileValue(aggregate)];
      const state = person.reduce(
        (folded, { event, time, receivedAt }, sequence) => {
          if (time > at || !matches(event)) return folded;
          const occurring = { time, receivedAt: NOW + receivedAt, sequence, id: `${sequence}` };
          return foldOccurrence(aggregate, folded, { ...occurring, value: valueOf(event) });
        },
        beginAggregate(0, bound, { isNew: true }),
      );
      return [aggregate.hash, mergeKnown(aggregate, [knownOf(aggregate, state)])] as const;
    }),
  );
  return computeTrait(trait, ({ hash }) => known.get(hash), at).value;
}

/** When events come and leave windows, and a millisecond before and after. */
function instantsOf(people: readonly (readonly PastEvent[])[]): readonly number[] {
  const times = people.flat().map(({ time }) => time);
  const borders = times.flatMap((time) => [time, ...WINDOWS_MS.map((ms) => time + ms)]);
  return [...new Set([NOW, ...borders.flatMap((at) => [at - 1, at, at + 1])])];
}

describe('the query of an audience', () => {
  it('finds the members that the stream finds, at every instant', async () => {
    let members = 0;
    await fc.assert(
      fc.asyncProperty(
        definitionArbitrary,
        mergesArbitrary,
        fc.array(repeatingArbitrary, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        async (definition, merges, people, pick) => {
          const workspace = await store(people);
          const instants = instantsOf(people);
          const at = instants[pick % instants.length] ?? NOW;
          const found = await membersOf(workspace, definition, at, merges);
          const expected = people.flatMap((person, p) =>
            isMember(personIdOf(workspace, p), person, definition, at, merges)
              ? [personIdOf(workspace, p)]
              : [],
          );
          members += expected.length;
          const asked = { query: printQuery(definition), at, merges };
          expect({ ...asked, found }).toEqual({ ...asked, found: expected.sort() });
        },
      ),
      { numRuns: propertyRuns(200) },
    );
    expect(members).toBeGreaterThan(100);
  }, 300_000);

  it('compares computed traits, also of those who have none', async () => {
    let holding = 0;
    await fc.assert(
      fc.asyncProperty(
        definedTraitArbitrary,
        comparison,
        fc.array(personArbitrary, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (trait, compared, people, isOfNow) => {
          const workspace = await store(people);
          const at = isOfNow ? NOW : (people[0]?.[0]?.time ?? NOW);
          const { test } = valueQuery(trait, compared, { at, until: at });
          const found = await idsOf(workspace, `${EVERYBODY} WHERE ${test}`);
          const expected = people.flatMap((person, p) =>
            person.length > 0 && compares(computedOf(trait, person, at), compared)
              ? [personIdOf(workspace, p)]
              : [],
          );
          holding += expected.length;
          const asked = { query: printComputedTrait(trait), at, compared };
          expect({ ...asked, found }).toEqual({ ...asked, found: expected.sort() });
        },
      ),
      { numRuns: propertyRuns(50) },
    );
    expect(holding).toBeGreaterThan(10);
  }, 300_000);
});
