import { identifier, type Identifier } from '@tributary/kernel';
import { Random } from './random.js';

/** Who is on one event, the primary identifier first, and how many pairs of them never met before. */
export interface Visit {
  readonly identifiers: readonly Identifier[];
  readonly links: number;
}

const AT_ONCE = 1_000;
const KNOWN_SHARE = 0.6;
const TWO_DEVICES_SHARE = 0.5;

/**
 * The identifiers of a shop's visitors: two in five stay without a name; the others browse, say who they are, and half
 * of them come back on a second device: two and a half identifiers a person. A thousand of them are there at once. All
 * of it follows from the name.
 */
export class Visitors {
  #present: Visit[][] = [];
  readonly #random: Random;
  #people = 0;

  constructor(private readonly name: string) {
    this.#random = new Random(1, name);
  }

  /** How many came so far. */
  get people(): number {
    return this.#people;
  }

  next(): Visit {
    while (this.#present.length < AT_ONCE) this.#present.push(this.#comes());
    const at = this.#random.between(0, this.#present.length);
    const visits = this.#present[at] ?? [];
    const [visit] = visits.splice(0, 1);
    if (visits.length === 0) this.#present.splice(at, 1);
    return visit ?? this.next();
  }

  #comes(): Visit[] {
    const name = `${this.name}-${this.#people}`;
    this.#people += 1;
    const device = (n: number) => identifier('anonymous_id', `${name}-${n}`);
    const browses = { identifiers: [device(0)], links: 0 };
    if (!this.#random.chance(KNOWN_SHARE)) return [browses];
    const user = identifier('user_id', name);
    const says = { identifiers: [user, device(0), identifier('email', `${name}@example.com`)], links: 3 };
    if (!this.#random.chance(TWO_DEVICES_SHARE)) return [browses, says];
    return [browses, says, { identifiers: [user, device(1)], links: 1 }];
  }
}

/** Whom everybody meets: on every other event it is the primary identifier, on the rest another is. */
export function* supernode(name: string, partners: number): Iterable<Visit> {
  const everybodys = identifier('anonymous_id', `supernode-${name}`);
  for (let n = 0; n < partners; n += 1) {
    const isPrimary = n % 2 === 0;
    const partner = identifier(isPrimary ? 'email' : 'user_id', `${name}-${n}`);
    yield { identifiers: isPrimary ? [everybodys, partner] : [partner, everybodys], links: 1 };
  }
}
