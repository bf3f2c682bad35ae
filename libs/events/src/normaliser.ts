/** What can be done to a value before it is an identifier. */
export type NormalisationStep = 'trim' | 'nfc' | 'lowercase';

/** Writes a value as the identifiers of a namespace are written; nothing is left of a value that is none. */
export type Normaliser = (value: string) => string;

/** The normaliser of a namespace; asked for each identifier of each call. */
export type NormaliserOf = (namespace: string) => Normaliser;

/** Takes values for what they are. */
export const asItIs: Normaliser = (value) => value;

/**
 * The steps in one, whatever their order: white space goes first, and Unicode's form NFC comes last, for lower case
 * letters can need it anew. What is written so is not changed by being written so again, and no locale has a say.
 */
export function normaliser(steps: readonly NormalisationStep[]): Normaliser {
  const inOrder = ORDER.filter(([step]) => steps.includes(step)).map(([, write]) => write);
  const [first, second, third] = inOrder;
  if (!first) return asItIs;
  if (!second) return first;
  return third ? (value) => third(second(first(value))) : (value) => second(first(value));
}

const ORDER: readonly (readonly [NormalisationStep, Normaliser])[] = [
  ['trim', (value) => value.trim()],
  ['lowercase', (value) => value.toLowerCase()],
  ['nfc', (value) => value.normalize('NFC')],
];
