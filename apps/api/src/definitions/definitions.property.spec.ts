import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { RunningApi } from '../../test/running-api.fixture.js';
import type { ShownPlan } from './definitions.dto.js';

interface File {
  readonly rules: { readonly namespaces: Readonly<Record<string, object>> };
  readonly sources: Readonly<Record<string, object>>;
  readonly audiences: Readonly<Record<string, object>>;
  readonly splits: readonly Split[];
}

interface Split {
  readonly a: string;
  readonly b: string;
  readonly reason?: string;
}

/** One database round trip for each definition: few runs say much. */
const RUNS = { numRuns: propertyRuns(12) };

const api = new RunningApi();
let fresh: File;

const text = async (query = '') => JSON.stringify((await api.ask('GET', `/v1/definitions${query}`)).body);
const put = async (file: File, query: string) => {
  const answer = await api.ask('PUT', `/v1/definitions?prune=true${query}`, file);
  expect([answer.status, answer.status === 200 ? '' : answer.body]).toEqual([200, '']);
  return answer.body as ShownPlan;
};
const empty = () => put(fresh, '');

beforeAll(async () => {
  await api.start();
  fresh = JSON.parse(await text()) as File;
});

afterAll(async () => {
  await api.stop();
});

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const name = fc.constantFrom('One', 'Two', 'Größer ü 😀', "it's", 'a: b # c');
const few = <T>(of: fc.Arbitrary<T>) => fc.dictionary(id, of, { maxKeys: 4 });

const source = fc.record(
  {
    name,
    enabled: fc.boolean(),
    rateLimit: fc.record({ eventsPerSecond: fc.integer({ min: 1, max: 9 }) }),
    allowedOrigins: fc.constant(['https://shop.example']),
    deduplicateBy: fc.constant({ 'Order Completed': 'properties.order_id' }),
    plan: fc.constant({
      events: [
        { type: 'track', event: 'Paid', schema: { type: 'object', required: ['a'] }, onViolation: 'reject' },
      ],
      unplanned: 'allow',
    }),
  },
  { requiredKeys: ['name', 'enabled'] },
);
const audience = fc.record(
  {
    name,
    description: name,
    query: fc.constantFrom(
      "trait('plan') = 'pro'",
      "event('Shoes Bought').where(property('price') >= 100).within(7 days).count() >= 1",
      "trait('a').exists() and not trait('b') = 1",
    ),
  },
  { requiredKeys: ['name', 'query'] },
);
const rule = fc.record({ limit: fc.integer({ min: 1, max: 3 }), priority: fc.integer({ min: 50, max: 52 }) });
const split = fc.record({ a: id, b: id, reason: fc.option(name, { nil: undefined }) });

const file = fc
  .record({
    sources: few(source),
    audiences: few(audience),
    rules: few(rule),
    splits: fc.array(split, { maxLength: 4 }),
  })
  .map(({ rules, splits, ...rest }): File => {
    const { namespaces } = fresh.rules;
    const own = Object.entries(rules).map(
      ([space, one]) => [`x_${space}`, { ...namespaces['*'], ...one }] as const,
    );
    const pairs = splits.map(
      ({ a, b, reason }) => [`${a}/${b}`, { a: `l:${a}`, b: `r:${b}`, ...(reason && { reason }) }] as const,
    );
    return {
      ...rest,
      rules: { namespaces: { ...namespaces, ...Object.fromEntries(own) } },
      splits: [...new Map(pairs).values()],
    };
  });

describe('files of definitions', () => {
  it('come back with the same bytes from an empty workspace that they were applied to', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constant(null).chain(() => file),
        async (one) => {
          await empty();
          await put(one, '');
          const exported = await text();
          await empty();
          expect(await text()).toBe(JSON.stringify(fresh));
          await put(JSON.parse(exported) as File, '');
          expect(await text()).toBe(exported);
        },
      ),
      RUNS,
    );
  });

  it('change nothing the second time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constant(null).chain(() => file),
        async (one) => {
          await put(one, '');
          const versions = async () => (await api.ask('GET', '/v1/audit?limit=1')).body;
          const before = await versions();
          expect((await put(one, '')).changes).toEqual([]);
          expect(await versions()).toEqual(before);
        },
      ),
      RUNS,
    );
  });

  it('are planned as exactly what differs, and then it is so', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constant(null).chain(() => fc.tuple(file, file)),
        async ([one, other]) => {
          await empty();
          await put(one, '');
          const [before, plan] = [await text(), await put(other, '&dryRun=true')];
          expect(await text()).toBe(before);
          const { changes } = plan;
          expect(changes.map(({ kind, id: of, action }) => `${action} ${kind} ${of}`).sort()).toEqual(
            differences(one, other).sort(),
          );
          expect((await put(other, '')).digest).toBe(plan.digest);
          expect((await put(other, '&dryRun=true')).changes).toEqual([]);
        },
      ),
      RUNS,
    );
  });
});

function differences(one: File, other: File): string[] {
  const byPair = (splits: readonly Split[]) =>
    Object.fromEntries(splits.map((each) => [JSON.stringify([each.a, each.b]), each]));
  return [
    ...(isDeepStrictEqual(one.rules, other.rules) ? [] : ['change rules rules']),
    ...between('source', one.sources, other.sources),
    ...between('audience', one.audiences, other.audiences),
    ...between('split', byPair(one.splits), byPair(other.splits)),
  ];
}

function between(
  kind: string,
  one: Readonly<Record<string, object>>,
  other: Readonly<Record<string, object>>,
): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((of) => {
    const [before, after] = [one[of], other[of]];
    if (isDeepStrictEqual(before, after)) return [];
    return [`${after === undefined ? 'remove' : before === undefined ? 'create' : 'change'} ${kind} ${of}`];
  });
}
