import type { JsonObject } from './plan.js';

/** A schema within another one, and the path to it. */
export interface Subschema {
  readonly path: string;
  readonly schema: unknown;
}

/** Whether a schema applies another one to the value itself, to one member or item of it, or to any of them. */
export type Place = 'itself' | 'one' | 'any';

const ITSELF = ['contentSchema', 'else', 'if', 'not', 'then'] as const;
const ANY = [
  'additionalProperties',
  'contains',
  'items',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
] as const;
/** Keywords with a list or a map of schemas. */
const SEVERAL = {
  itself: ['allOf', 'anyOf', 'oneOf', 'dependentSchemas'],
  one: ['properties', 'prefixItems'],
  any: ['patternProperties'],
} as const;
const STORES = ['$defs', 'definitions'] as const;

/** The schemas that a schema applies at a place; `$ref` is not followed. */
export function appliedBy(schema: JsonObject, place: Place): readonly Subschema[] {
  const single = place === 'itself' ? ITSELF : place === 'any' ? ANY : [];
  return [
    ...single.filter((keyword) => keyword in schema).map((keyword) => at(`/${keyword}`, schema[keyword])),
    ...SEVERAL[place].flatMap((keyword) => membersOf(keyword, schema[keyword])),
  ];
}

/** The schemas that it keeps for others to refer to. */
export function storedIn(schema: JsonObject): readonly Subschema[] {
  return STORES.flatMap((keyword) => membersOf(keyword, schema[keyword]));
}

/** Regular expressions of a schema, and the paths to them. */
export function patternsOf(
  schema: JsonObject,
): readonly { readonly path: string; readonly pattern: string }[] {
  const { pattern, patternProperties } = schema;
  return [
    ...(typeof pattern === 'string' ? [{ path: '/pattern', pattern }] : []),
    ...(isObject(patternProperties)
      ? Object.keys(patternProperties).map((key) => ({
          path: `/patternProperties/${pointerPart(key)}`,
          pattern: key,
        }))
      : []),
  ];
}

/** How many values a schema compares with, one by one. */
export function listedIn(schema: JsonObject): number {
  return ['enum', 'required'].reduce((sum, keyword) => {
    const list = schema[keyword];
    return sum + (Array.isArray(list) ? list.length : 0);
  }, 0);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a JSON pointer within the schema (`#/…`) points to; undefined where it points to nothing. */
export function pointedTo(root: JsonObject, ref: string): unknown {
  let found: unknown = root;
  for (const part of ref.slice(1).split('/').slice(1)) {
    const key = unescaped(part);
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found;
}

function membersOf(keyword: string, members: unknown): readonly Subschema[] {
  if (typeof members !== 'object' || members === null) return [];
  return Object.entries(members).map(([key, schema]) => at(`/${keyword}/${pointerPart(key)}`, schema));
}

function at(path: string, schema: unknown): Subschema {
  return { path, schema };
}

function pointerPart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescaped(part: string): string {
  const plain = part.includes('%') ? decoded(part) : part;
  return plain.replaceAll('~1', '/').replaceAll('~0', '~');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
