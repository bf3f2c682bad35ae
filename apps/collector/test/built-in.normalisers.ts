import type { NormaliserOf } from '@tributary/events';
import { DEFAULT_RULES } from '@tributary/identity';
import { toNormaliserOf } from '../src/identity-rules/normaliser.js';
import type { Normalisers } from '../src/identity-rules/normalisers.port.js';

/** As where nobody has made rules: for tests of what is above them. */
export class BuiltInNormalisers implements Normalisers {
  readonly #builtIn = toNormaliserOf(DEFAULT_RULES);

  of(): NormaliserOf {
    return this.#builtIn;
  }
}
