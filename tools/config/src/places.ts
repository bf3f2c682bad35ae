import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** Where a node begins in its text. */
export function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

/** The key of a mapping as JSON has it. */
export function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

/**
 * Where a path such as `.plan.events[0].type` leads from a node; as far as it leads. Names may have dots in them: the
 * longest that fits is meant.
 */
export function offsetAt(node: Node | null, path: string, from: number): number {
  if (path === '') return from;
  if (isMap(node)) {
    const rest = path.replace(/^\./, '');
    const [found] = (node.items as readonly Pair<Node, Node | null>[])
      .map((pair) => ({ pair, name: nameOf(pair.key) }))
      .filter(({ name }) => rest === name || (rest.startsWith(name) && /[.[]/.test(rest[name.length] ?? '')))
      .sort((a, b) => b.name.length - a.name.length);
    if (!found) return from;
    return offsetAt(found.pair.value, rest.slice(found.name.length), offsetOf(found.pair.key));
  }
  const [step = '', index] = /^\[(\d+)\]/.exec(path) ?? [];
  const item =
    isSeq(node) && index !== undefined ? (node.items[Number(index)] as Node | undefined) : undefined;
  return item ? offsetAt(item, path.slice(step.length), offsetOf(item)) : from;
}
