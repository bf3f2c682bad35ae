import { identifier, type Identifier } from '@tributary/kernel';
import { Random } from './random.js';

interface Person {
  readonly house: number;
  readonly userId: Identifier;
  readonly emails: readonly Identifier[];
  readonly phone: Identifier;
  readonly devices: readonly Identifier[];
  /** Shared by the family. */
  readonly tablet: Identifier;
  /** Shared by the house. */
  readonly kiosk: Identifier;
}

const NEWCOMERS = 0.12;
const FAMILY = 3;
/** More users than a device may have before it is nobody's. */
const HOUSE = 60;
const MOST_EMAILS = 8;
const MOST_DEVICES = 4;
const CHAIN = 40;
const CRAWLED = identifier('anonymous_id', 'crawler');

/**
 * The identifiers of a population's events: visitors who become users, families with one tablet, kiosks that a whole house
 * uses, people with more addresses than a profile may hold, neighbours on one phone, chains of devices of which each knows
 * the next, and a crawler whom everybody meets. All of it follows from the seed.
 */
export class Population {
  readonly #random: Random;
  readonly #people: Person[] = [];
  #links = 0;

  constructor(private readonly seed: number) {
    this.#random = new Random(seed, 'population');
  }

  /** Who is on the next event, the primary identifier first. */
  next(): readonly Identifier[] {
    if (this.#people.length === 0 || this.#random.chance(NEWCOMERS)) this.#comes();
    const person = this.#someone();
    const what = this.#random.next();
    if (what < 0.25) return [this.#deviceOf(person)];
    if (what < 0.45) return [person.userId, this.#deviceOf(person)];
    if (what < 0.55) return [person.userId, this.#random.pick(person.emails)];
    if (what < 0.62) return [person.userId, this.#random.pick(person.emails), this.#deviceOf(person)];
    if (what < 0.7) return [person.userId, person.tablet];
    if (what < 0.76) return [person.userId, person.kiosk];
    if (what < 0.8) return [person.userId, person.phone];
    if (what < 0.82) return [this.#neighbourOf(person).userId, person.phone];
    if (what < 0.86) return [this.#deviceOf(person), CRAWLED];
    if (what < 0.94) return this.#chain();
    return [person.userId];
  }

  /** Two that have to do with one another, or might. */
  pair(): readonly [Identifier, Identifier] {
    const person = this.#someone();
    const others = [...person.devices, ...person.emails, person.tablet, this.#someone().userId];
    const [a, b] = [person.userId, this.#random.pick(others)];
    return a === b ? [a, person.phone] : [a, b];
  }

  #someone(): Person {
    // Most of what happens is about those who came last.
    const { length } = this.#people;
    const back = Math.floor(this.#random.next() ** 2 * length);
    return this.#people[length - 1 - back] ?? this.#comes();
  }

  /** Of the same house: components stay within it, but for the crawler's. */
  #neighbourOf({ house }: Person): Person {
    const first = house * HOUSE;
    const last = Math.min(first + HOUSE, this.#people.length);
    return this.#people[this.#random.between(first, last)] ?? this.#someone();
  }

  #deviceOf({ devices }: Person): Identifier {
    return this.#random.pick(devices);
  }

  #comes(): Person {
    const n = this.#people.length;
    const name = `${this.seed}-${n}`;
    const several = (namespace: string, most: number) =>
      Array.from({ length: this.#random.between(1, most + 1) }, (_, i) =>
        identifier(namespace, `${name}-${i}${namespace === 'email' ? '@example.com' : ''}`),
      );
    const house = Math.floor(n / HOUSE);
    const person = {
      house,
      userId: identifier('user_id', name),
      emails: several('email', this.#random.chance(0.1) ? MOST_EMAILS : 2),
      phone: identifier('phone', `+1${this.seed}${n}`),
      devices: several('anonymous_id', MOST_DEVICES),
      tablet: identifier('anonymous_id', `tablet-${this.seed}-${Math.floor(n / FAMILY)}`),
      kiosk: identifier('anonymous_id', `kiosk-${this.seed}-${house}`),
    };
    this.#people.push(person);
    return person;
  }

  /** The next link of a chain, or one of those before. */
  #chain(): readonly Identifier[] {
    if (this.#random.chance(0.8)) this.#links += 1;
    const link = this.#random.chance(0.7) ? this.#links : this.#random.between(0, this.#links + 1);
    const chain = Math.floor(link / CHAIN);
    const of = (n: number) => identifier('ios.idfv', `${this.seed}-${chain}-${n % CHAIN}`);
    return [of(link), of(Math.min(link + 1, chain * CHAIN + CHAIN - 1))].filter(
      (id, i, all) => all.indexOf(id) === i,
    );
  }
}
