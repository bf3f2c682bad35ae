import {
  baseOf,
  compareByDigest,
  digest,
  generationOf,
  namespaceOf,
  type Identifier,
} from '@tributary/kernel';
import type { IdentityBounds, IdentityRules } from './rules.js';

/** The two ends of a link, the greater by digest first: it owns the link. */
export type Pair = readonly [Identifier, Identifier];

/** A link as both its ends see it; times are the smallest `receivedAt`, in milliseconds since 1970. */
export interface Link {
  readonly pair: Pair;
  readonly eligible: boolean;
  readonly firstSeen: number;
  /** First seen of the ends themselves, over all their events, in the order of the pair. */
  readonly endsFirstSeen: readonly [number, number];
}

/** Puts two identifiers in the order of a pair. */
export function pairOf(a: Identifier, b: Identifier): Pair {
  return compareByDigest(a, b) > 0 ? [a, b] : [b, a];
}

/** The pair as text, for a key: no two pairs share one, whatever their values hold. */
export function pairKey([a, b]: Pair): string {
  return `${a.length} ${a}${b}`;
}

/** The pair of a {@link pairKey}. */
export function parsePairKey(key: string): Pair {
  const space = key.indexOf(' ');
  const second = space + 1 + Number(key.slice(0, space));
  return [key.slice(space + 1, second) as Identifier, key.slice(second) as Identifier];
}

/** Where a link stands among others: texts and numbers that compare one after the other. */
export interface LinkOrder {
  readonly firstSeen: number;
  readonly priorities: readonly [number, number];
  readonly hash: string;
}

export function orderOf(
  { pair, firstSeen }: Pick<Link, 'pair' | 'firstSeen'>,
  rules: IdentityRules,
): LinkOrder {
  const a = rules.ruleOf(namespaceOf(baseOf(pair[0]))).priority;
  const b = rules.ruleOf(namespaceOf(baseOf(pair[1]))).priority;
  return { firstSeen, priorities: a < b ? [a, b] : [b, a], hash: hashOf(pair) };
}

/** Earliest first, then by the weight of the namespaces, then by digest: total, and without any order of arrival. */
export function compareOrders(a: LinkOrder, b: LinkOrder): number {
  return (
    a.firstSeen - b.firstSeen ||
    a.priorities[0] - b.priorities[0] ||
    a.priorities[1] - b.priorities[1] ||
    (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0)
  );
}

/** The same in every generation of the two. */
function hashOf(pair: Pair): string {
  const isFirst = generationOf(pair[0]) === 0 && generationOf(pair[1]) === 0;
  const [a, b] = isFirst ? pair : pairOf(baseOf(pair[0]), baseOf(pair[1]));
  return digest(a) + digest(b);
}

/**
 * The earliest links that the bounds let a component have, whatever the rules are, and those that are left out, of
 * which `edge` is the first. What is left out once stays left out: more links, and earlier ones, only push out more.
 */
export function earliest<L extends Pick<Link, 'pair' | 'firstSeen'>>(
  links: readonly L[],
  bounds: IdentityBounds,
): { readonly kept: readonly L[]; readonly deadLetter: readonly L[]; readonly edge?: AgeOrder } {
  let text = links.reduce((sum, { pair }) => sum + textOf(pair), 0);
  if (links.length <= bounds.links && text <= bounds.linkText) return { kept: links, deadLetter: [] };
  const ordered = links.map((link) => ({ link, age: ageOf(link) })).sort((a, b) => compareAges(a.age, b.age));
  text = 0;
  let end = 0;
  for (const { link } of ordered) {
    text += textOf(link.pair);
    if (end >= bounds.links || text > bounds.linkText) break;
    end += 1;
  }
  const plain = ordered.map(({ link }) => link);
  const edge = ordered[end]?.age;
  return { kept: plain.slice(0, end), deadLetter: plain.slice(end), ...(edge && { edge }) };
}

/** What a link's identifiers take of {@link IdentityBounds.linkText}. */
export function textOf([a, b]: Pair): number {
  return bytesOf(baseOf(a)) + bytesOf(baseOf(b));
}

/** How many bytes a text takes in JSON in UTF-8, without its quotes. */
export function bytesOf(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22 || unit === 0x5c) bytes += 2;
    else if (unit < 0x20) bytes += 6;
    else if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    // A surrogate alone is written as \\uXXXX; two of them take less.
    else bytes += unit >= 0xd800 && unit < 0xe000 ? 6 : 3;
  }
  return bytes;
}

/** First seen, then by digest: an order into which no rule enters. */
export type AgeOrder = readonly [firstSeen: number, hash: string];

export function ageOf({ pair, firstSeen }: Pick<Link, 'pair' | 'firstSeen'>): AgeOrder {
  return [firstSeen, hashOf(pair)];
}

export function compareAges(a: AgeOrder, b: AgeOrder): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
}

/** By end, the others of pairs. */
export function partnersOf(pairs: readonly Pair[]): ReadonlyMap<Identifier, readonly Identifier[]> {
  const partners = new Map<Identifier, Identifier[]>();
  for (const pair of pairs) {
    for (const [end, other] of [pair, [pair[1], pair[0]] as const]) {
      const own = partners.get(end);
      if (own) own.push(other);
      else partners.set(end, [other]);
    }
  }
  return partners;
}
