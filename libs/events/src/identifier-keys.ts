import type { JsonObject } from './event.js';
import { isJsonObject } from './json.js';

/** Traits and properties whose values are identifiers: name, dotted where it lies deeper, to namespace. */
export interface IdentifierKeys {
  readonly traits?: Readonly<Record<string, string>>;
  readonly properties?: Readonly<Record<string, string>>;
}

/** One configured key, its path taken apart. */
export interface IdentifierKey {
  readonly name: string;
  readonly path: readonly string[];
  readonly namespace: string;
}

interface Compiled {
  readonly traits: readonly IdentifierKey[];
  readonly properties: readonly IdentifierKey[];
}

const compiled = new WeakMap<IdentifierKeys, Compiled>();

/** The keys with their paths taken apart: once for each object that is given. */
export function compiledKeys(keys: IdentifierKeys): Compiled {
  let made = compiled.get(keys);
  if (!made) {
    made = { traits: listOf(keys.traits), properties: listOf(keys.properties) };
    compiled.set(keys, made);
  }
  return made;
}

function listOf(names: Readonly<Record<string, string>> = {}): readonly IdentifierKey[] {
  return Object.entries(names).map(([name, namespace]) => ({ name, path: name.split('.'), namespace }));
}

/** The value of a key: under its whole name where there is such a property, else down its path. */
export function valueAt(object: JsonObject, { name, path }: Pick<IdentifierKey, 'name' | 'path'>): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  let value: unknown = object;
  for (const step of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}
