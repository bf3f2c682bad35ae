const DAY_MS = 86_400_000;
const TWO = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const THREE = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'));

let day = NaN;
let date = '';

/**
 * What `Date.prototype.toISOString` writes, several times as fast: the date of the last day asked for is remembered.
 * Takes whole milliseconds from 1970 to 9999.
 */
export function instantText(milliseconds: number): string {
  const dayOf = Math.floor(milliseconds / DAY_MS);
  if (dayOf !== day) {
    date = new Date(milliseconds).toISOString().slice(0, 11);
    day = dayOf;
  }
  const rest = milliseconds - dayOf * DAY_MS;
  const seconds = Math.floor(rest / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${date}${two(hours)}:${two(minutes % 60)}:${two(seconds % 60)}.${THREE[rest % 1_000] ?? ''}Z`;
}

function two(n: number): string {
  return TWO[n] ?? '';
}
