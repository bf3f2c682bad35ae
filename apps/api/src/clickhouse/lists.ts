/**
 * Texts, whatever is in them, as what stands behind IN: lists too long for a URL, in which parameters travel. Base64
 * leaves nothing in them that a query could take for its own.
 */
export function textsIn(texts: readonly string[]): string {
  return `(SELECT arrayJoin(${arrayOf(texts, 'Array(String)')}))`;
}

/** Pairs of texts, to stand behind `(a, b) IN`. */
export function pairsIn(pairs: readonly (readonly [string, string])[]): string {
  const list = arrayOf(pairs, 'Array(Tuple(String, String))');
  return `(SELECT pair.1, pair.2 FROM (SELECT arrayJoin(${list}) AS pair))`;
}

function arrayOf(list: readonly unknown[], type: string): string {
  return `JSONExtract(base64Decode('${Buffer.from(JSON.stringify(list)).toString('base64')}'), '${type}')`;
}
