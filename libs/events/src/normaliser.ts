import { nobodyTest } from '@tributary/kernel';
import { isBlocked } from './blocked-values.js';
import { LIMITS } from './event.js';
import { inFormat, type Format } from './formats.js';

/** What can be done to a value before it is an identifier. */
export type NormalisationStep = 'trim' | 'nfc' | 'lowercase';

/** Writes a value as the identifiers of a namespace are written; nothing is left of a value that is none. */
export type Normaliser = (value: string) => string;

/** What of a value is an identifier of a namespace, by its rule. */
export interface ReadValue {
  /** As it is written; empty where it is none. */
  readonly value: string;
  /** Why it is none. */
  readonly refused?: 'blocked_value' | 'not_an_email' | 'not_a_phone';
}

/** The rule of a namespace, as far as values go. */
export interface NamespaceReader extends Normaliser {
  /** As the normaliser, and says why a value is no identifier. */
  readonly read?: (value: string) => ReadValue;
  /** How many identifiers of the namespace a person may have. */
  readonly limit?: number;
}

/** What a rule says of values. */
export interface ValueRule {
  readonly normalise: readonly NormalisationStep[];
  readonly format?: Format | undefined;
  readonly nobody?: readonly string[] | undefined;
  readonly limit: number;
}

/** Makes the reader of a namespace by its rule; without a list of its own, the built-in one says what names nobody. */
export function namespaceReader({ normalise, format, nobody, limit }: ValueRule): NamespaceReader {
  const write = normaliser(normalise);
  const namesNobody = nobody === undefined ? isBlocked : nobodyTest(nobody);
  const read = (given: string): ReadValue => {
    const value = write(given);
    // One that is too long is flagged as that.
    if (value === '' || value.length > LIMITS.identifierBytes) return { value };
    if (namesNobody(value)) return { value: '', refused: 'blocked_value' };
    if (format === undefined) return { value };
    const formatted = inFormat(format, value);
    if (formatted !== undefined) return { value: formatted };
    return { value: '', refused: format === 'email' ? 'not_an_email' : 'not_a_phone' };
  };
  return Object.assign((given: string) => read(given).value, { read, limit });
}

/** The normaliser of a namespace; asked for each identifier of each call. */
export type NormaliserOf = (namespace: string) => NamespaceReader;

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
