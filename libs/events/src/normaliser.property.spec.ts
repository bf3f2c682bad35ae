import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { normaliser, type NormalisationStep } from './normaliser.js';

const STEPS = ['trim', 'nfc', 'lowercase'] as const;
const steps = fc.shuffledSubarray<NormalisationStep>([...STEPS]);
const odd = fc.constantFrom('J\u030c', '\u01f0', '\u0130', 'ΑΣ', ' ', '\ufeff', '\u212a', '\ud800', '\u1fef');
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.oneof(odd, fc.string())).map((parts) => parts.join('')),
);
const all = normaliser(STEPS);

describe('normaliser', () => {
  it('changes nothing of what it has written', () => {
    fc.assert(
      fc.property(text, steps, (value, some) => {
        const write = normaliser(some);
        expect(write(write(value))).toBe(write(value));
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it('does each step that is named, in whatever order', () => {
    fc.assert(
      fc.property(text, steps, (value, some) => {
        const written = normaliser(some)(value);
        expect(normaliser(STEPS.filter((step) => some.includes(step)))(value)).toBe(written);
        if (some.includes('trim')) expect(written.trim()).toBe(written);
        if (some.includes('nfc')) expect(written.normalize('NFC')).toBe(written);
        if (some.includes('lowercase'))
          expect(written.toLowerCase().normalize('NFC')).toBe(written.normalize('NFC'));
        if (some.length === 0) expect(written).toBe(value);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it('writes alike what differs in case, Unicode form or white space around it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(all(` ${value.normalize('NFD')}\t`)).toBe(all(value));
      }),
      { numRuns: propertyRuns(2_000) },
    );
    expect(all(' \u212aÄrl@Example.COM\u00a0')).toBe('kärl@example.com');
    expect(all('J\u030c')).toBe(all('\u01f0'));
  });
});
