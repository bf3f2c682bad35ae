import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { definitionArbitrary } from '../test/definition.arbitrary.js';
import { checkDefinition } from './definition-check.js';
import { parseQuery } from './parse-query.js';
import { printQuery } from './query-printer.js';

describe('the text and the tree', () => {
  it('are two writings of one thing: what is printed reads back as the same tree', () => {
    fc.assert(
      fc.property(definitionArbitrary(), (definition) => {
        expect(parseQuery(printQuery(definition))).toEqual({ ok: true, value: definition });
      }),
    );
  });

  it('print as one line', () => {
    fc.assert(
      fc.property(definitionArbitrary(), (definition) => {
        expect(printQuery(definition)).toMatch(/^.+$/);
      }),
    );
  });

  it('survive JSON: what is stored checks as the same tree', () => {
    fc.assert(
      fc.property(definitionArbitrary(), (definition) => {
        const stored: unknown = JSON.parse(JSON.stringify(definition));
        expect(checkDefinition(stored)).toEqual({ ok: true, value: definition });
      }),
    );
  });
});

describe('parseQuery', () => {
  it('answers any text with a tree or an error at a place inside it', () => {
    const piece = fc.constantFrom(
      ...["event('A')", '.count()', ' >= ', '1', ' AND ', ' OR ', 'NOT ', '(', ')', '.where', "trait('a')"],
      ...[
        "property('x')",
        '.within(',
        '7 days',
        "'",
        '"',
        '\\',
        '\n',
        ',',
        '%',
        '{',
        '}',
        ':',
        'as',
        '*',
        'é',
      ],
    );
    const text = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (query) => {
        const result = parseQuery(query);
        if (result.ok) return;
        const { line = 0, column = 0, message } = result.error;
        expect(message.startsWith(`line ${line}, column ${column}: `)).toBe(true);
        const lines = query.split(/\r\n|\n|\r/);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
      }),
      { numRuns: propertyRuns(500) },
    );
  });
});
