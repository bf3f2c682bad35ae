import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileMapping, type MappingOperation } from './mapping.js';

const name = fc.constantFrom('a', 'b', 'c', '0');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((steps) => steps.join('.'));
const operation = fc.oneof(
  fc.record({ op: fc.constant('rename' as const), from: path, to: path }),
  fc.record({ op: fc.constant('set' as const), path, value: fc.jsonValue() }),
  fc.record({ op: fc.constant('drop' as const), path }),
  fc.record({
    op: fc.constant('cast' as const),
    path,
    to: fc.constantFrom('string' as const, 'number' as const, 'boolean' as const, 'instant' as const),
  }),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.jsonValue({ maxDepth: 0 }),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(name, tie('any'), { maxKeys: 3 }),
  ),
})).any;

function mapping(operations: readonly MappingOperation[]) {
  const made = compileMapping(operations);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
}

describe('a mapping', () => {
  it('changes nothing of what it is given', () => {
    fc.assert(
      fc.property(value, fc.array(operation, { maxLength: 5 }), (given, operations) => {
        const before = JSON.stringify(given);
        mapping(operations)(given);
        expect(JSON.stringify(given)).toBe(before);
      }),
    );
  });

  it('is the same applied at once or step by step', () => {
    fc.assert(
      fc.property(value, fc.array(operation, { maxLength: 5 }), (given, operations) => {
        const steps = operations.reduce<unknown>((mended, step) => mapping([step])(mended), given);
        expect(mapping(operations)(given)).toEqual(steps);
      }),
    );
  });

  it('of drops, casts and sets changes nothing more when it is applied again', () => {
    const repeatable = operation.filter(({ op }) => op !== 'rename');
    fc.assert(
      fc.property(value, repeatable, (given, step) => {
        fc.pre(step.op !== 'drop' || !JSON.stringify(given).includes('['));
        const once = mapping([step])(given);
        expect(mapping([step])(once)).toEqual(once);
      }),
    );
  });
});
