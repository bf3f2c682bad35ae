import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lifecycleQuery, type EventSelection, type LifecycleOptions } from '@tributary/audiences';
import { readTable, storeCustomers } from '../../test/cdnow.fixture.js';
import { tablesOfSpec } from '../../test/tables.fixture.js';

const tables = tablesOfSpec();
const ORDERS = { call: 'track', name: 'Order Completed' } as const;

beforeAll(async () => {
  await tables.start();
  await storeCustomers(tables);
});
afterAll(() => tables.close());

async function lifecycle(options: LifecycleOptions, selection: EventSelection = ORDERS, workspaceId = 'w') {
  const query = lifecycleQuery(selection, options);
  const result = await tables.client.query({ query, query_params: { workspaceId }, format: 'JSONEachRow' });
  const rows = await result.json<Readonly<Record<(typeof COLUMNS)[number], string | number>>>();
  return rows.map((row) => COLUMNS.map((column) => String(row[column])));
}

const COLUMNS = ['interval', 'active', 'fresh', 'returning', 'resurrecting', 'dormant'] as const;

describe('the lifecycle of the customers of CDNOW', () => {
  it('is this in the months', async () => {
    const options = { interval: 'month', zone: 'UTC', from: '1997-01-01', to: '1998-07-01' } as const;
    expect(await lifecycle(options)).toEqual(readTable('cdnow-lifecycle-months.txt'));
  });

  it('is this in the weeks', async () => {
    const options = { interval: 'week', zone: 'UTC', from: '1996-12-30', to: '1998-07-06' } as const;
    expect(await lifecycle(options)).toEqual(readTable('cdnow-lifecycle-weeks.txt'));
  });

  it('is that of the calendar of a zone: at midnight in London, New York has the day before', async () => {
    const options = { interval: 'month', from: '1996-12-01', to: '1997-02-01' } as const;
    const utc = await lifecycle({ ...options, zone: 'UTC' });
    const west = await lifecycle({ ...options, zone: 'America/New_York' });
    expect(utc[0]).toEqual(['1996-12-01', '0', '0', '0', '0', '0']);
    expect(Number(west[0]?.[1])).toBeGreaterThan(0);
  });

  it('is of the events of a selection alone', async () => {
    const options = { interval: 'month', zone: 'UTC', from: '1997-01-01', to: '1997-02-01' } as const;
    const large = {
      ...ORDERS,
      where: { kind: 'property', path: 'revenue', comparison: { op: '>=', value: 100 } },
    } as const;
    const [[, few] = []] = await lifecycle(options, large);
    expect(Number(few)).toBeGreaterThan(0);
    expect(Number(few)).toBeLessThan(781);
    expect(await lifecycle(options, ORDERS, 'nobody')).toEqual([['1997-01-01', '0', '0', '0', '0', '0']]);
  });

  it('has days and a zone that there are', () => {
    const options = { interval: 'day', zone: 'UTC', from: '1997-01-01', to: '1997-02-01' } as const;
    expect(() => lifecycleQuery(ORDERS, { ...options, from: 'May' })).toThrow(
      '"May" is no day: write one such as',
    );
    expect(() => lifecycleQuery(ORDERS, { ...options, zone: "U'" })).toThrow('is no time zone');
  });
});
