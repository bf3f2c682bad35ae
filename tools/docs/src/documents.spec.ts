import { describe, expect, it } from '@jest/globals';
import { ALL_TOPICS, FIELD_MEANINGS, PUBLIC_TOPICS } from '@tributary/contracts';
import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { documents } from './documents.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const written = await documents(root, 'src');
const asyncApi = parse(written.get('docs/asyncapi.yaml') ?? '') as {
  readonly channels: Readonly<Record<string, { readonly address: string; readonly description: string }>>;
  readonly servers: Readonly<Record<string, unknown>>;
  readonly components: {
    readonly messages: Readonly<
      Record<
        string,
        {
          readonly payload: {
            readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
          };
        }
      >
    >;
  };
};

describe('the generated documents', () => {
  it.each([...written.keys()])('are up to date: %s', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(written.get(path));
  });
});

describe('docs/asyncapi.yaml', () => {
  it('is valid AsyncAPI 3.0', () => {
    const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json') as object;
    const ajv = new Ajv({
      meta: false,
      validateSchema: false,
      strict: false,
      allErrors: true,
      validateFormats: false,
    });
    const valid = ajv.validate(schema, asyncApi);
    expect({ valid, errors: ajv.errors?.slice(0, 5) ?? [] }).toEqual({ valid: true, errors: [] });
  });

  it('has a channel for every topic', () => {
    expect(Object.values(asyncApi.channels).map(({ address }) => address)).toEqual(
      ALL_TOPICS.map(({ name }) => name),
    );
  });
});

describe('docs/asyncapi.yaml, for whoever subscribes', () => {
  it('says of every field of the public topics what it holds', () => {
    const schemas = ALL_TOPICS.filter(({ name }) =>
      (PUBLIC_TOPICS as readonly string[]).includes(name),
    ).flatMap((topic) => Object.keys(topic.schemas));
    expect(schemas.length).toBeGreaterThan(7);
    for (const schema of schemas) {
      const { properties = {} } = asyncApi.components.messages[schema.replace('@', '.')]?.payload ?? {};
      const silent = Object.entries(properties).filter(([, { description = '' }]) => description === '');
      expect([schema, silent.map(([name]) => name)]).toEqual([schema, []]);
      // And of none that is no field.
      expect(Object.keys(FIELD_MEANINGS[schema] ?? {}).filter((name) => !(name in properties))).toEqual([]);
    }
  });

  it('says where the topics are, and how epoch records and epochs are read', () => {
    expect(Object.keys(asyncApi.servers)).toEqual(['embedded']);
    const memberships = asyncApi.channels.memberships?.description ?? '';
    for (const word of ['@epoch/', 'epoch', 'drop']) expect(memberships).toContain(word);
  });

  it('has examples whose instants are texts for every YAML reader', () => {
    const plain = (written.get('docs/asyncapi.yaml') ?? '').match(/^.*[:-] \d{4}-\d\d-\d\dT.*$/gm);
    expect(plain).toBeNull();
  });
});

describe('docs/configuration.md', () => {
  it('names settings of every service and of a service of its own', () => {
    expect(written.get('docs/configuration.md')).toMatch(/\| `KAFKA_BROKERS` +\| required +\|/);
    expect(written.get('docs/configuration.md')).toMatch(/\| `COLLECTOR_PORT` +\| `8080` +\|/);
  });
});

describe('docs/errors.md', () => {
  it('says of every code what it means and what to do', () => {
    const rows = (written.get('docs/errors.md') ?? '').split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => /\|\s*\|/.test(row))).toEqual([]);
  });
});

describe('docs/routes.md', () => {
  it('has what SDKs call', () => {
    for (const route of ['POST `/v1/batch`', 'POST `/t`', 'GET `/v1/pixel/track`', 'POST `/api/s/track`'])
      expect(written.get('docs/routes.md')).toContain(`| ${route} `);
  });
});
