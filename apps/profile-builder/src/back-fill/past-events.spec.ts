import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { event, tablesOfSpec } from '../../test/tables.fixture.js';
import { readPage, type Cursor, type PastEvent, type PastOf } from './past-events.js';

const tables = tablesOfSpec();
const ALL: PastOf = {
  ...{ workspaceId: 'w', partitions: [0, 1], before: 100 },
  aggregates: [{ call: 'track', name: 'Ordered' }],
};
const signal = new AbortController().signal;

beforeAll(async () => {
  await tables.start();
  const at = (n: number) => ({ timestamp: `2026-01-02T03:04:05.00${n}Z` });
  await tables.feed(TOPICS.events, [
    event('m1', 'user_id:b', { properties: { price: 1.5, nested: { a: null } }, ...at(1) }),
    event('m2', 'user_id:a', { deduplicationId: '["Ordered",7]', ...at(2) }),
    event('m3', 'user_id:a', { type: 'page', event: undefined, name: "It's", context: { ip: '1' } }),
    event('m1', 'user_id:b', { event: 'Another', ...at(3) }),
    event('m4', 'user_id:a', { workspaceId: 'another' }),
    event('m5', 'user_id:a', at(5)),
  ]);
  await tables.feed(TOPICS.events, [event('m6', 'user_id:c', at(6))], { partition: 1, from: 50 });
});

afterAll(() => tables.close());

async function read(past: PastOf, rows: number): Promise<readonly PastEvent[]> {
  const found: PastEvent[] = [];
  for (let cursor: Cursor | undefined = { identifier: '' }; cursor;) {
    const page = await readPage(tables.client, past, cursor, rows, signal);
    expect(page.events.length).toBeLessThanOrEqual(rows);
    found.push(...page.events);
    cursor = page.next;
  }
  return found;
}
const idsOf = (events: readonly PastEvent[]) =>
  events.map(({ identifier, occurrence }) => `${identifier} ${occurrence.id}`);

describe('the events of the past', () => {
  it.each([1, 2, 3, 100])('come identifier after identifier, each once, in pages of %i', async (rows) => {
    const events = await read(ALL, rows);
    expect(idsOf(events)).toEqual([
      'user_id:a ["Ordered",7]',
      'user_id:a m5',
      'user_id:b m1',
      'user_id:c m6',
    ]);
    expect(events.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 1],
      [0, 5],
      [0, 0],
      [1, 50],
    ]);
    expect(events[2]?.occurrence.time).toBe(Date.parse('2026-01-02T03:04:05.001Z'));
  });

  it('are those of the partitions, before an offset, and behind an identifier', async () => {
    expect(idsOf(await read({ ...ALL, partitions: [0], before: 5 }, 10))).toEqual([
      'user_id:a ["Ordered",7]',
      'user_id:b m1',
    ]);
    const { events } = await readPage(tables.client, ALL, { identifier: 'user_id:a' }, 10, signal);
    expect(idsOf(events)).toEqual(['user_id:b m1', 'user_id:c m6']);
  });

  it('are those of a type and a name, whatever is in it', async () => {
    const pages = { ...ALL, aggregates: [{ call: 'page', name: "It's" }] as const };
    expect(idsOf(await read(pages, 10))).toEqual(['user_id:a m3']);
    const any = { ...ALL, aggregates: [{ call: 'any' }, { call: 'page', name: "It's" }] as const };
    expect((await read(any, 10)).length).toBe(5);
  });

  it('have what an aggregate looks into, as it was sent, and nothing else', async () => {
    const value = { from: 'property', path: 'price' } as const;
    const [, , ofB] = await read({ ...ALL, aggregates: [{ ...ALL.aggregates[0]!, value }] }, 10);
    expect(ofB?.properties).toEqual({ price: 1.5, nested: { a: null } });
    const where = { kind: 'context', path: 'ip', comparison: { op: 'exists' } } as const;
    const [first, , third] = await read({ ...ALL, aggregates: [{ call: 'any', where }] }, 10);
    expect([first?.context, third?.properties]).toEqual([{}, {}]);
    const found = await read(
      { ...ALL, aggregates: [{ call: 'page', where: { kind: 'not', operand: where } }] },
      10,
    );
    expect(found.map(({ context }) => context)).toEqual([{ ip: '1' }]);
  });
});
