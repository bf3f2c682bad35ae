import { Document, isMap, isScalar, isSeq, parseAllDocuments, type Node, type Pair } from 'yaml';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from './config.errors.js';
import { nameOf } from './places.js';

/** Stands for a secret that the api does not show. */
const MASK = '***';
const FORM = { lineWidth: 0 };

/** Definitions as the text of a new file. */
export function written(definitions: object): string {
  return new Document(definitions).toString(FORM);
}

/**
 * The text of a file that is there, with the definitions in it: what says the same already stays as it is, with its
 * comments, in its order. Members of `kept` stay where the definitions do not have them.
 *
 * @throws ConfigError it is not one document of YAML
 */
export function rewritten(
  { name, text }: { readonly name: string; readonly text: string },
  definitions: object,
  kept: readonly string[],
): string {
  const documents = parseAllDocuments(text);
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (!document?.contents) return `${text}${written(definitions)}`;
  if (second || document.errors.length > 0 || !isMap(document.contents))
    throw new ConfigError([`${name} is not one document of YAML: write to another file`]);
  merge(document, document.contents, definitions, kept);
  return document.toString(FORM);
}

/** Makes a node say what a value says; answers the node that has to take its place, if any. */
function merge(
  document: Document,
  node: Node | null,
  value: unknown,
  kept: readonly string[],
): Node | undefined {
  if (isScalar(node) && value === MASK) return undefined;
  if (node && isDeepStrictEqual(node.toJS(document), value)) return undefined;
  if (isMap(node) && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const members = value as Readonly<Record<string, unknown>>;
    for (const pair of [...node.items] as readonly Pair<Node, Node | null>[]) {
      const name = nameOf(pair.key);
      if (Object.hasOwn(members, name))
        pair.value = merge(document, pair.value, members[name], kept) ?? pair.value;
      else if (!kept.includes(name)) node.delete(pair.key);
    }
    const there = new Set(node.items.map(({ key }) => nameOf(key)));
    for (const [name, member] of Object.entries(members))
      if (!there.has(name)) node.add(document.createPair(name, member));
    return undefined;
  }
  if (isSeq(node) && Array.isArray(value)) {
    node.items.length = Math.min(node.items.length, value.length);
    value.forEach((item: unknown, i) => {
      const before = (node.items[i] ?? null) as Node | null;
      node.items[i] = merge(document, before, item, kept) ?? before ?? document.createNode(item);
    });
    return undefined;
  }
  if (isScalar(node) && !(typeof value === 'object' && value !== null)) {
    node.value = value;
    return undefined;
  }
  return document.createNode(value);
}
