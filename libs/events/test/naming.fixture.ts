import { asItIs, normaliser, type NormaliserOf } from '../src/normaliser.js';

const EMAIL = normaliser(['trim', 'nfc', 'lowercase']);
const PHONE = normaliser(['trim']);

/** As where nobody has made rules. */
export const usualNormaliserOf: NormaliserOf = (namespace) =>
  namespace === 'email' ? EMAIL : namespace === 'phone' ? PHONE : asItIs;
