import { describe, expect, it } from '@jest/globals';
import {
  aggregatesOfMerge,
  beginAggregate,
  compileAggregate,
  compileValue,
  foldOccurrence,
  knownOf,
  mergedTrait,
  MERGE_STRATEGIES,
} from '@tributary/audiences';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { byTime, type PastEvent } from './history.js';
import { mergedOf } from './merges.js';

const values = fc.oneof(
  fc.constantFrom<unknown>(null, '', [], {}, true, false, 'b', 'B', '10', '9.50', '+9', '1e2', ['x', [1]], {
    a: 1,
  }),
  fc.constantFrom<unknown>(
    '2026-01-01',
    '2025-12-31T23:30:00-01:00',
    '2026-01-01T00:30:00.0000001Z',
    '2026-02-30',
    '123456789012345678.5',
  ),
  fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
  fc.integer({ min: -5, max: 5 }),
  fc.jsonValue({ maxDepth: 2 }),
);

describe('verification', () => {
  it('comes to the value of each strategy by a way of its own, and to that of the stream', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), values), { maxLength: 12 }),
        fc.constantFrom(...MERGE_STRATEGIES.filter((one) => one !== 'latest')),
        (calls, strategy) => {
          const wanted = aggregatesOfMerge('plan', strategy).map(({ aggregate, bound }) => {
            const [matches, valueOf] = [compileAggregate(aggregate), compileValue(aggregate)];
            return { aggregate, bound, matches, valueOf };
          });
          const events = calls.map(([at, value], i): PastEvent => {
            const traits = { plan: value };
            const aggregates = wanted.flatMap(({ aggregate, matches }) =>
              matches({ type: 'identify', traits }) ? [aggregate.hash] : [],
            );
            return {
              ...{ primary: 'w/user_id:u', others: [], partition: 0, offset: i, sourceId: 's', sequence: 0 },
              ...{ messageId: `m${i + 10}`, deduplicationId: `m${i + 10}`, at, receivedAt: i, traits },
              ...{ aggregates, values: {}, kept: {} },
            };
          });
          const { fact, isTruncated } = mergedTrait('plan', strategy, ({ hash }) => {
            const one = wanted.find(({ aggregate }) => aggregate.hash === hash);
            const own = events.filter(({ aggregates }) => aggregates.includes(hash));
            if (!one || own.length === 0) return undefined;
            const state = own.reduce(
              (folded, { at: time, receivedAt, sequence, messageId, traits, sourceId }) =>
                foldOccurrence(one.aggregate, folded, {
                  ...{ time, receivedAt, sequence, id: messageId, messageId, sourceId },
                  value: one.valueOf({ type: 'identify', traits }),
                }),
              beginAggregate(0, one.bound, { isNew: true }),
            );
            return knownOf(one.aggregate, state);
          });
          const merged = mergedOf('plan', strategy, { events: [...events].sort(byTime) });
          expect(merged?.isBeyond ?? false).toBe(isTruncated);
          expect(merged?.value ?? null).toEqual(fact?.value ?? null);
          if (fact && !fact.isOfSeveral) expect(merged?.event?.messageId).toBe(fact.messageId);
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });
});
