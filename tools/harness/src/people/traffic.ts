import type { Call, IdentifiedCall } from '../client/call.js';
import { Random } from './random.js';

/** Events for one request. */
export interface TrafficBatch {
  readonly calls: readonly IdentifiedCall[];
  /** Users who are to enter the audience by an event of this batch. */
  readonly entering: readonly string[];
}

/**
 * `visits`: a shop's visitors, a few at a time. All browse anonymously, some identify, some of those order, once or
 * twice. `newcomers`: as many profiles as events; most have one page view, the others identify themselves at once.
 * `returning`: nine of ten events are of newcomers who came before, the others of visits.
 */
export type TrafficKind = 'visits' | 'newcomers' | 'returning';

/** Newcomers that another traffic made: its name, and how many. */
export interface Newcomers {
  readonly name: string;
  readonly count: number;
}

/** What an order has to come to, and how many it takes, for the audience of the benchmark. */
export const AUDIENCE_QUERY =
  "event('Order Completed').where(property('total') >= 100).within(1 minutes).count() >= 2";
const ENOUGH_TOTAL = 100;
const ENOUGH_ORDERS = 2;

const VISITORS_AT_ONCE = 8;
const IDENTIFIED_SHARE = 0.4;
const RETURNING_SHARE = 0.9;
const RETURNING_ORDERS = 0.04;
const ORDERING_SHARE = 0.5;

interface Visitor {
  readonly anonymousId: string;
  readonly userId: string;
  readonly steps: ('page' | 'view' | 'identify' | 'order')[];
  identified: boolean;
  orders: number;
}

/**
 * Events that follow from the name and the seed alone, but for their times. A visitor's events are in one stream, so
 * their order holds where a stream is sent over one connection.
 */
export class Traffic {
  readonly #name: string;
  readonly #kind: TrafficKind;
  readonly #random: Random;
  readonly #known: Newcomers | undefined;
  #current: Visitor[] = [];
  #visitors = 0;
  #calls = 0;

  constructor({
    name,
    seed,
    kind,
    known,
  }: {
    readonly name: string;
    readonly seed: number;
    readonly kind: TrafficKind;
    /** Who returns. */
    readonly known?: Newcomers;
  }) {
    this.#name = name;
    this.#kind = kind;
    this.#known = known;
    this.#random = new Random(seed, 'traffic');
  }

  /** How many people have come so far. */
  get visitors(): number {
    return this.#visitors;
  }

  /** The next events, as of an instant in milliseconds since 1970. */
  batch(size: number, at: number): TrafficBatch {
    const entering: string[] = [];
    const timestamp = new Date(at).toISOString();
    const calls = Array.from({ length: size }, () => {
      this.#calls += 1;
      return { ...this.#next(entering), messageId: `m-${this.#name}-${this.#calls}`, timestamp };
    });
    return { calls, entering };
  }

  #next(entering: string[]): Call {
    if (this.#kind === 'returning' && this.#random.chance(RETURNING_SHARE)) return this.#return();
    while (this.#current.length < VISITORS_AT_ONCE) this.#current.push(this.#arrive());
    const at = this.#random.between(0, this.#current.length);
    const visitor = this.#current[at];
    const step = visitor?.steps.shift();
    if (!visitor || step === undefined) {
      this.#current.splice(at, 1);
      return this.#next(entering);
    }
    return this.#call(visitor, step, entering);
  }

  #arrive(): Visitor {
    this.#visitors += 1;
    const id = `${this.#name}-${this.#visitors}`;
    const steps = this.#kind === 'newcomers' ? oneStep(this.#visitors) : this.#visit();
    return { anonymousId: `a-${id}`, userId: `u-${id}`, steps, identified: false, orders: 0 };
  }

  #visit(): Visitor['steps'] {
    const steps: Visitor['steps'] = ['page', 'view', 'page', 'view', 'page'];
    if (this.#random.chance(IDENTIFIED_SHARE)) {
      steps.push('identify', 'page', 'view');
      if (this.#random.chance(ORDERING_SHARE)) steps.push('order', 'page', 'order');
    }
    return steps;
  }

  #return(): Call {
    const { name = '', count = 0 } = this.#known ?? {};
    const n = this.#random.between(1, count + 1);
    const isIdentified = isWhoIdentifies(n);
    const who = {
      anonymousId: `a-${name}-${n}`,
      ...(isIdentified ? { userId: `u-${name}-${n}` } : {}),
      context: this.#context(),
    };
    if (isIdentified && this.#random.chance(RETURNING_ORDERS)) {
      const properties = { ...this.#product(), total: 60, currency: 'EUR', order_id: this.#hex() };
      return { ...who, type: 'track', event: 'Order Completed', properties };
    }
    if (this.#random.chance(0.5))
      return { ...who, type: 'page', name: 'Category', properties: this.#product() };
    return { ...who, type: 'track', event: 'Product Viewed', properties: this.#product() };
  }

  #call(visitor: Visitor, step: Visitor['steps'][number], entering: string[]): Call {
    if (step === 'identify') visitor.identified = true;
    const who = {
      anonymousId: visitor.anonymousId,
      ...(visitor.identified ? { userId: visitor.userId } : {}),
      context: this.#context(),
    };
    if (step === 'page') return { ...who, type: 'page', name: 'Category', properties: this.#product() };
    if (step === 'view')
      return { ...who, type: 'track', event: 'Product Viewed', properties: this.#product() };
    if (step === 'identify') return { ...who, type: 'identify', traits: traitsOf(visitor.userId) };
    const total = 60 + this.#random.between(0, 200);
    if (total >= ENOUGH_TOTAL) {
      visitor.orders += 1;
      if (visitor.orders === ENOUGH_ORDERS) entering.push(visitor.userId);
    }
    const properties = { ...this.#product(), total, currency: 'EUR', order_id: this.#hex() };
    return { ...who, type: 'track', event: 'Order Completed', properties };
  }

  #product() {
    const sku = this.#random.between(0, 5_000);
    return {
      product_id: `sku-${sku}`,
      name: `Waxed canvas weekender no. ${sku}`,
      category: 'Bags & Luggage / Travel',
      price: 20 + (sku % 180),
      brand: 'Harbour & Finch',
      image_url: `https://cdn.shop.example/images/products/${sku}/large.webp`,
    };
  }

  #context() {
    const page = this.#random.between(0, 5_000);
    return {
      ip: `203.0.113.${this.#random.between(0, 255)}`,
      locale: 'en-GB',
      timezone: 'Europe/London',
      userAgent:
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15',
      library: { name: 'analytics.js', version: 'next-1.70.0' },
      page: {
        path: `/products/sku-${page}`,
        title: 'Weekenders and travel bags | The Shop',
        url: `https://www.shop.example/products/sku-${page}`,
        referrer: 'https://www.search.example/',
      },
      screen: { width: 1440, height: 900 },
    };
  }

  #hex(): string {
    return this.#random
      .between(0, 2 ** 31)
      .toString(16)
      .padStart(8, '0');
  }
}

function oneStep(visitor: number): Visitor['steps'] {
  return [isWhoIdentifies(visitor) ? 'identify' : 'page'];
}

/** Of newcomers, two of five, whoever asks. */
function isWhoIdentifies(visitor: number): boolean {
  return visitor % 5 < IDENTIFIED_SHARE * 5;
}

function traitsOf(userId: string) {
  return {
    email: `${userId}@shop.example`,
    firstName: 'Robin',
    lastName: 'Fairweather',
    plan: 'loyalty',
    address: { city: 'Bristol', country: 'GB', postalCode: 'BS1 4DJ' },
  };
}
