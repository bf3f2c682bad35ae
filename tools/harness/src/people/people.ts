import type { Call, IdentifiedCall } from '../client/call.js';
import { Random } from './random.js';

interface Person {
  readonly userId: string;
  readonly email: string;
  readonly laptop: string;
  readonly phone: string;
  /** Shared by the family. */
  readonly tablet: string;
  readonly company: string;
  signedUp: boolean;
}

const PLANS = ['free', 'plus', 'pro'] as const;
const FAMILY = 3;
const COMPANIES = 7;
const NEWCOMERS = 0.15;

/**
 * The people of a shop: they browse without a name, sign up, come back on a second device, share a tablet with their
 * family, buy, and say for which company. Everything they do follows from the seed; each request is theirs to send, in any order.
 */
export class People {
  readonly #random: Random;
  readonly #people: Person[] = [];
  #calls = 0;

  constructor(private readonly seed: number) {
    this.#random = new Random(seed, 'people');
  }

  /** The calls of the next request: one person's, one to five of them. */
  next(): readonly IdentifiedCall[] {
    const isNew = this.#people.length === 0 || this.#random.chance(NEWCOMERS);
    const person = isNew ? this.#comes() : this.#random.pick(this.#people);
    if (isNew) return this.#browses(person.laptop);
    if (!person.signedUp && this.#random.chance(0.1))
      return [this.#joins(person, { anonymousId: person.laptop })];
    if (!person.signedUp)
      return this.#random.chance(0.4) ? this.#browses(person.laptop) : this.#signsUp(person);
    return this.#lives(person);
  }

  #comes(): Person {
    const n = this.#people.length;
    const name = `${this.seed}-${n}`;
    const person = {
      userId: `user-${name}`,
      email: `person-${name}@example.com`,
      laptop: `laptop-${name}`,
      phone: `phone-${name}`,
      tablet: `tablet-${this.seed}-${Math.floor(n / FAMILY)}`,
      company: `company-${this.seed}-${n % COMPANIES}`,
      signedUp: false,
    };
    this.#people.push(person);
    return person;
  }

  #lives(person: Person): readonly IdentifiedCall[] {
    const { userId, phone, tablet, laptop } = person;
    const what = this.#random.next();
    if (what < 0.45) return this.#buys(person);
    if (what < 0.6) return this.#browses(phone);
    if (what < 0.7) return [this.#call({ type: 'track', event: 'Logged In', userId, anonymousId: phone })];
    if (what < 0.8) return [this.#identify(person, tablet)];
    if (what < 0.87) return this.#browses(this.#random.pick([tablet, laptop]));
    if (what < 0.93) return [this.#joins(person, { userId })];
    return [this.#call({ type: 'identify', userId, traits: { plan: this.#random.pick(PLANS) } })];
  }

  #browses(anonymousId: string): readonly IdentifiedCall[] {
    return Array.from({ length: this.#random.between(1, 5) }, (_, page) =>
      this.#call({ type: 'page', anonymousId, name: `Page ${page}` }),
    );
  }

  #signsUp(person: Person): readonly IdentifiedCall[] {
    person.signedUp = true;
    return [this.#identify(person, person.laptop)];
  }

  /** Names the company, before signing up as well, and now and then another one. */
  #joins(
    { company }: Person,
    who: { readonly userId: string } | { readonly anonymousId: string },
  ): IdentifiedCall {
    const other = `company-${this.seed}-${this.#random.between(0, COMPANIES - 1)}`;
    const groupId = this.#random.chance(0.8) ? company : other;
    const plan = this.#random.chance(0.2) ? null : this.#random.pick(PLANS);
    return this.#call({
      type: 'group',
      ...who,
      groupId,
      traits: { plan, seats: this.#random.between(1, 99) },
    });
  }

  #buys({ userId, laptop, phone }: Person): readonly IdentifiedCall[] {
    return Array.from({ length: this.#random.between(1, 4) }, () =>
      this.#call({
        type: 'track',
        event: 'Order Completed',
        userId,
        ...(this.#random.chance(0.5) ? { anonymousId: this.#random.pick([laptop, phone]) } : {}),
        properties: { total: this.#random.between(10, 200) },
      }),
    );
  }

  #identify({ userId, email }: Person, anonymousId: string): IdentifiedCall {
    const traits = { email, plan: this.#random.pick(PLANS) };
    return this.#call({ type: 'identify', userId, anonymousId, traits });
  }

  #call(call: Call): IdentifiedCall {
    this.#calls += 1;
    return { ...call, messageId: `${this.seed}-call-${this.#calls}` };
  }
}

/** What is computed of the people: of all time, and in windows that pass in a run. */
export const TRAITS: Readonly<Record<string, string>> = {
  orders: "event('Order Completed').count()",
  spent: "event('Order Completed').sum(property('total'))",
  spent_lately: "event('Order Completed').within(10 seconds).sum(property('total'))",
  average_before: "event('Order Completed').between(10 seconds, 60 seconds).avg(property('total'))",
  usual_total: "event('Order Completed').within(1 minutes).mode(property('total'), 1)",
  totals: "event('Order Completed').within(20 seconds).unique(property('total'))",
  last_order_at: "event('Order Completed').last_at()",
  stage: "event('Order Completed').stage(5 seconds, 10 seconds, 20 seconds)",
  recency: "trait('last_order_at').score(5)",
  value: "trait('spent').score(5)",
};

/** What is computed of the companies of the people. */
export const ACCOUNT_TRAITS: Readonly<Record<string, string>> = {
  company_orders: "event('Order Completed').count()",
  company_spent_lately: "event('Order Completed').within(20 seconds).sum(property('total'))",
  company_usual_total: "event('Order Completed').mode(property('total'), 1)",
};

/** The audiences that the people enter and leave: counts with windows that pass in a run, traits, and NOT. */
export const AUDIENCES: Readonly<Record<string, string>> = {
  'buys-now': "event('Order Completed').within(15 seconds).count() >= 1",
  'big-spenders': "event('Order Completed').where(property('total') >= 100).within(30 seconds).count() >= 2",
  pros: "trait('plan') == 'pro'",
  'pros-who-buy': "trait('plan') == 'pro' and event('Order Completed').within(15 seconds).count() >= 2",
  'signed-up-and-quiet':
    "trait('email').contains('@') and not (event('Order Completed').within(30 seconds).count() >= 1)",
};
