import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { ALL_TOPICS, readerOf, TOPICS } from './index.js';

const folder = new URL('../fixtures/', import.meta.url);
const fixture = (name: string) => readFileSync(new URL(name, folder));

const versions = ALL_TOPICS.flatMap((topic) =>
  Object.keys(topic.schemas).map((schema) => ({ topic, schema })),
);

describe('a message that was ever written', () => {
  it.each(versions.map(({ topic, schema }) => ({ name: topic.name, schema, topic })))(
    'goes on being read from $name as $schema',
    ({ topic, schema }) => {
      const value = fixture(`${schema}.json`);
      expect(readerOf(topic)(value, schema)).toEqual({
        ok: true,
        value: JSON.parse(value.toString()) as unknown,
      });
    },
  );

  it('goes on being read from the log of links, whatever its kind', () => {
    const kinds = JSON.parse(fixture('link@1.kinds.json').toString()) as readonly object[];
    const read = readerOf(TOPICS.links);
    for (const message of kinds)
      expect(read(Buffer.from(JSON.stringify(message)))).toEqual({ ok: true, value: message });
  });

  it('has a schema still: no fixture is left over', () => {
    const known = new Set(versions.map(({ schema }) => `${schema}.json`));
    expect(readdirSync(folder).filter((file) => !known.has(file))).toEqual(['link@1.kinds.json']);
  });
});

describe('readerOf', () => {
  const read = readerOf(TOPICS.profiles);

  it('says where a value does not match its schema', () => {
    const value = { ...(JSON.parse(fixture('merged-profile@1.json').toString()) as object), version: -1 };
    const result = read(Buffer.from(JSON.stringify(value)), 'merged-profile@1');
    expect(result).toEqual({ ok: false, error: expect.stringContaining('merged-profile@1 /version') });
  });

  it('names the schemas it knows when a header names another', () => {
    expect(read(Buffer.from('{}'), 'profile@9')).toEqual({
      ok: false,
      error: 'unknown schema "profile@9" in profiles.v1; known: profile@1, merged-profile@1, empty-profile@1',
    });
  });

  it('refuses what is no JSON', () => {
    expect(read(Buffer.from('{'))).toMatchObject({ ok: false, error: expect.stringContaining('not JSON') });
  });
});
