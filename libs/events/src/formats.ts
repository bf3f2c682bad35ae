import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';
import validator from 'validator';

/** What the values of a namespace may have to be. */
export const FORMATS = ['email', 'phone'] as const;
export type Format = (typeof FORMATS)[number];

const EMAIL = { require_tld: false, allow_utf8_local_part: true } as const;
/** Without its country a number is its digits: which country it is of nobody says. */
const NATIONAL = /^[\d\s().\-/]+$/;
const DIGITS = { fewest: 4, most: 15 } as const;
/** The prefix of international calls that most countries dial for the plus. */
const DIALLED_PLUS = /^\(?00(?!0)/;

/**
 * The value as the format writes it; undefined where it is none. A phone number with its country is written as in
 * E.164, also where `00` stands for the plus and a valid number follows; one without, as its digits.
 */
export function inFormat(format: Format, value: string): string | undefined {
  if (format === 'email') return validator.isEmail(value, EMAIL) ? value : undefined;
  if (value.startsWith('+')) {
    const number = parsePhoneNumberFromString(value, metadata);
    return number?.isPossible() ? number.number : undefined;
  }
  const international = DIALLED_PLUS.test(value)
    ? parsePhoneNumberFromString(value.replace(DIALLED_PLUS, '+'), metadata)
    : undefined;
  if (international?.isValid() && NATIONAL.test(value)) return international.number;
  const digits = NATIONAL.test(value) ? value.replace(/\D/g, '') : '';
  return digits.length >= DIGITS.fewest && digits.length <= DIGITS.most ? digits : undefined;
}
