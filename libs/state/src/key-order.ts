/** The first unit of UTF-16 of which a text's order by bytes may be another than that by units. */
const SURROGATES = 0xd800;

/** As LMDB orders texts: by their bytes in UTF-8. */
export function inOrder(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let same = 0;
  while (same < shorter && a.charCodeAt(same) === b.charCodeAt(same)) same += 1;
  // Half of a pair that ends a text has bytes of its own.
  const at = same === shorter ? same - 1 : same;
  const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
  if (left >= SURROGATES || right >= SURROGATES) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return same === shorter ? a.length - b.length : left - right;
}
