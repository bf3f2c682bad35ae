import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readDefinitions } from './documents.js';
import { rewritten, written } from './written.js';

const json = fc
  .jsonValue({ maxDepth: 4, noUnicodeString: false })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const definitions = fc.record({
  audiences: fc.dictionary(
    fc.string({ maxLength: 8 }),
    json.filter((value) => value !== null),
  ),
  rules: fc.record({ namespaces: fc.dictionary(fc.string({ maxLength: 4 }), json) }),
  splits: fc.array(fc.record({ a: fc.string(), b: fc.string() })),
});

function read(text: string): unknown {
  const found = readDefinitions([{ name: 'a.yaml', text }], {});
  return found.ok ? found.value.body : found.error;
}

describe('the text of definitions', () => {
  it('is read as what was written', () => {
    fc.assert(
      fc.property(definitions, (all) => {
        expect(read(written(all))).toEqual(all);
      }),
    );
  });

  it('is as it was where the definitions are what it says', () => {
    fc.assert(
      fc.property(definitions, (all) => {
        const text = written(all);
        expect(rewritten({ name: 'a.yaml', text }, all, [])).toBe(text);
      }),
    );
  });

  it('says what is new, whatever it said', () => {
    fc.assert(
      fc.property(definitions, definitions, (before, after) => {
        const text = rewritten({ name: 'a.yaml', text: written(before) }, after, []);
        expect(read(text)).toEqual(after);
      }),
    );
  });
});
