import { describe, expect, it } from '@jest/globals';
import { readDefinitions } from './documents.js';

const read = (texts: Readonly<Record<string, string>>, environment = {}) =>
  readDefinitions(
    Object.entries(texts).map(([name, text]) => ({ name, text })),
    environment,
  );
const readWell = (texts: Readonly<Record<string, string>>, environment = {}) => {
  const definitions = read(texts, environment);
  if (!definitions.ok) throw new Error(definitions.error.join('\n'));
  return definitions.value;
};
const faultsOf = (texts: Readonly<Record<string, string>>) => {
  const definitions = read(texts);
  return definitions.ok ? [] : definitions.error;
};

describe('files of definitions', () => {
  it('are one set, whatever the documents and files that it is in', () => {
    const { body } = readWell({
      'a.yaml':
        'audiences:\n  one: { name: One }\n---\naudiences:\n  two: { name: Two }\nsplits:\n  - { a: a:1, b: b:1 }\n',
      'b.yml':
        '# nothing but a comment\n---\nsplits: [{ a: a:2, b: b:2 }]\nsources: {}\nrules: { namespaces: {} }\n',
    });
    expect(body).toEqual({
      audiences: { one: { name: 'One' }, two: { name: 'Two' } },
      splits: [
        { a: 'a:1', b: 'b:1' },
        { a: 'a:2', b: 'b:2' },
      ],
      sources: {},
      rules: { namespaces: {} },
    });
  });

  it('have anchors, and names that are odd', () => {
    const { body } = readWell({
      'a.yaml':
        'audiences:\n  one: &one { name: One }\n  __proto__: *one\n  2024: *one\nsplits: &s [{ a: x }]\n',
    });
    expect(Object.keys(body.audiences as object)).toEqual(['2024', 'one', '__proto__']);
  });

  it('tell every fault with its place', () => {
    expect(
      faultsOf({
        'a.yaml': 'audiences:\n  one: { name: One }\n  two:\n---\nrules: {}\n',
        'b.yaml': 'audiences:\n  one: { name: Other }\nrules: {}\nsources:\n---\n- a list\n',
        'c.yaml': 'sources:\n  web: { name: A\n',
        'd.yaml': 'sources:\n  web:\n    webhook: { signature: { secret: "${NOT_SET}" } }\n',
        'e.yaml': 'audiences:\n  same: {}\n  same: {}\n',
      }),
    ).toEqual([
      'b.yaml:2:3: audiences.one is at a.yaml:2:3 already',
      'b.yaml:3:1: rules is at a.yaml:5:1 already',
      'b.yaml:4:1: sources has nothing: write {} where there are none',
      'b.yaml:6:1: a document is a mapping of kinds to definitions',
      expect.stringMatching(/^c\.yaml:3:1: Flow map/) as unknown,
      'd.yaml:3:37: NOT_SET is not set in the environment',
      expect.stringMatching(/^e\.yaml:3:3: Map keys must be unique/) as unknown,
    ]);
  });

  it('are told by file, line and column where a place of them is', () => {
    const { locate } = readWell({
      'a.yaml': [
        'sources:',
        '  web:',
        '    name: Web',
        '    plan:',
        '      events:',
        '        - { type: track }',
        '        - schema: { properties: { a.b: 1, a: { b: 2 } } }',
        '',
      ].join('\n'),
      'b.yaml': 'splits:\n  - { a: x }\n---\nsplits:\n  - a: y\n    b: z\n',
    });
    expect(
      [
        'sources',
        'sources.web',
        'sources.web.name',
        'sources.web.missing',
        'sources.web.plan.events[1].schema.properties.a.b',
        'sources.web.plan.events[1].schema.properties.a.b.c',
        'sources.web.plan.events[7]',
        'sources.webs',
        'splits[0].a',
        'splits[1].b',
        'none',
      ].map(locate),
    ).toEqual([
      'a.yaml:1:1',
      'a.yaml:2:3',
      'a.yaml:3:5',
      'a.yaml:2:3',
      'a.yaml:7:35',
      'a.yaml:7:35',
      'a.yaml:5:7',
      'a.yaml:1:1',
      'b.yaml:2:7',
      'b.yaml:6:5',
      undefined,
    ]);
  });

  it('take secrets and keys from the environment, and nothing else', () => {
    const { body } = readWell(
      {
        'a.yaml':
          'sources:\n  web:\n    name: ${NAME}\n    writeKeys: [{ key: "${KEY}" }]\n    webhook: { signature: { secret: "${KEY}" } }\n',
      },
      { KEY: 'from outside', NAME: 'x' },
    );
    expect(body).toEqual({
      sources: {
        web: {
          name: '${NAME}',
          writeKeys: [{ key: 'from outside' }],
          webhook: { signature: { secret: 'from outside' } },
        },
      },
    });
  });
});
