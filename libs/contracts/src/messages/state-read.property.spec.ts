import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readStateAnswers, STATE_READ_BYTES, writeStateAnswers, type StateAnswer } from './state-read.js';

const asOf = fc.nat(4_102_444_800_000);
const answer: fc.Arbitrary<StateAnswer> = fc.oneof(
  fc.record({
    state: fc.constant('found' as const),
    text: fc.oneof(
      fc.json(),
      fc.uuid(),
      fc.string().map((text) => JSON.stringify(text)),
    ),
    asOf,
  }),
  fc.record({ state: fc.constant('unknown' as const), asOf }),
  fc.constant({ state: 'misdirected' as const }),
);

describe('answers of a state', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(answer), (answers) => {
        expect(readStateAnswers(writeStateAnswers(answers))).toEqual({ ok: true, value: answers });
      }),
    );
  });

  it('are nothing else, whatever a text is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = readStateAnswers(text);
        if (read.ok) expect(text === '' || text.endsWith('\n')).toBe(true);
      }),
    );
  });

  it('end where they grow too large, and there is one at least', () => {
    const large = { state: 'found', text: 'x'.repeat(STATE_READ_BYTES / 2), asOf: 1 } as const;
    const read = readStateAnswers(writeStateAnswers([large, large, large]));
    expect(read.ok && read.value.length).toBe(2);
    const larger = { ...large, text: 'x'.repeat(STATE_READ_BYTES * 2) };
    const one = readStateAnswers(writeStateAnswers([larger, larger]));
    expect(one.ok && one.value.length).toBe(1);
  });
});
