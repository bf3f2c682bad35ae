import type { ScoreBordersMessage } from '@tributary/contracts';
import type { Score } from '@tributary/audiences';
import Big from 'big.js';

/** How many borders a value has reached, and one more: apart from the streaming code. */
export function scoreIn(value: unknown, { best }: Score, borders: ScoreBordersMessage['borders']): number {
  return borders.reduce<number>((score, border) => score + (reaches(value, border, best) ? 1 : 0), 1);
}

/** What is wrong with the borders of a score by themselves; undefined where nothing is. */
export function bordersFault(
  { groups, best }: Score,
  borders: ScoreBordersMessage['borders'],
): string | undefined {
  if (borders.length !== groups - 1) return `${borders.length} borders of ${groups} groups`;
  for (const [i, border] of borders.entries()) {
    const next = borders[i + 1];
    if (next === undefined || next === null) continue;
    if (border === null) return `border ${i + 2} is there and border ${i + 1} is not`;
    if (!reaches(next, border, best)) return `border ${i + 2} is worse than border ${i + 1}`;
  }
  return undefined;
}

function reaches(value: unknown, border: string | number | null, best: Score['best']): boolean {
  if (border === null) return false;
  const difference = orderOf(value).minus(orderOf(border));
  return best === 'highest' ? difference.gte(0) : difference.lte(0);
}

/** Instants by their milliseconds. */
function orderOf(value: unknown): Big {
  const text = String(value);
  return new Big(/^\d{4}-/.test(text) ? Date.parse(text) : text);
}
