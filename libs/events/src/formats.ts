import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import validator from 'validator';

/** What the values of a namespace may have to be. */
export const FORMATS = ['email', 'phone'] as const;
export type Format = (typeof FORMATS)[number];

const EMAIL = { require_tld: false, allow_utf8_local_part: true } as const;
/** Without its country a number is its digits: which country it is of nobody says. */
const NATIONAL = /^[\d\s().\-/]+$/;
const DIGITS = { fewest: 4, most: 15 } as const;

/**
 * The value as the format writes it; undefined where it is none. A phone number with its country is written as in
 * E.164, one without as its digits.
 */
export function inFormat(format: Format, value: string): string | undefined {
  if (format === 'email') return validator.isEmail(value, EMAIL) ? value : undefined;
  if (value.startsWith('+')) {
    const number = parsePhoneNumberFromString(value);
    return number?.isPossible() ? number.number : undefined;
  }
  const digits = NATIONAL.test(value) ? value.replace(/\D/g, '') : '';
  return digits.length >= DIGITS.fewest && digits.length <= DIGITS.most ? digits : undefined;
}
