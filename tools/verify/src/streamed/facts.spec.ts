import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import type { Log } from '../log/log.port.js';
import { Onward } from '../log/onward.js';
import { openFacts } from '../scratch.js';
import { readProfiles } from './facts.js';

/** What is kept of one key after each of several readings, of which each finds so many more records. */
async function keptAfter(...readings: readonly (readonly string[])[]) {
  const records: LogRecord[] = [];
  const log: Log = {
    bounds: () => Promise.resolve(new Map([[0, { start: 0, end: records.length }]])),
    reached: () => Promise.resolve(new Map()),
    read: async (_topic, ranges, onRecord) => {
      const { from = 0, to = 0 } = ranges.get(0) ?? {};
      for (const record of records.slice(from, to)) await onRecord(record);
    },
  };
  const onward = new Onward(log);
  const db = openFacts(':memory:');
  const topic = TOPICS.profiles.name;
  for (const texts of readings) {
    for (const text of texts) {
      const value = Buffer.from(text);
      const place = { topic, partition: 0, offset: records.length, timestamp: 0 };
      records.push({ ...place, key: 'w/p', value, headers: {} });
    }
    await readProfiles(onward, db);
  }
  const row = db.prepare('SELECT version, body, last_version, last_body FROM profiles').get() ?? {};
  db.close();
  const text = (column: unknown) => (column instanceof Uint8Array ? Buffer.from(column).toString() : null);
  return {
    version: row.version,
    body: text(row.body),
    lastVersion: row.last_version,
    lastBody: text(row.last_body),
  };
}

const first = '{"profileId":"p","version":1,"traits":{"version":9}}';
const second = '{"profileId":"p","version":2}';
const third = '{"profileId":"p","version":3}';

describe('readProfiles', () => {
  it('keeps the last record where that is the highest version, in one reading or several', async () => {
    const expected = { version: 3, body: third, lastVersion: 3, lastBody: null };
    expect(await keptAfter([first, second, third])).toEqual(expected);
    expect(await keptAfter([first], [second], [third])).toEqual(expected);
    expect(await keptAfter([second, first], [third])).toEqual(expected);
  });

  it('keeps the highest version beside a last record that is a lower one, in one reading or several', async () => {
    const expected = { version: 3, body: third, lastVersion: 1, lastBody: first };
    expect(await keptAfter([second, third, first])).toEqual(expected);
    expect(await keptAfter([third], [second, first])).toEqual(expected);
    expect(await keptAfter([third, second], [first])).toEqual(expected);
    expect(await keptAfter([second], [third, first])).toEqual(expected);
  });

  it('finds the version wherever it stands, and takes no other for it', async () => {
    for (const text of [
      '{"version":7,"profileId":"p"}',
      '{"profileId":"p","at":{"version":9},"version":7}',
      '{"profileId":"\\"version\\":9,","version":7}',
      '{"profileId":"p","traits":{"a":"\\",\\"version\\":9,"},"version":7}',
      ` {"profileId":"p", "version": 7}`,
    ]) {
      expect(await keptAfter([text])).toMatchObject({ version: 7, body: text });
    }
  });
});
