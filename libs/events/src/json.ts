import { flag, type Flag } from './flags.js';
import { hadNumbers, wasNumber } from './exact-json.js';
import { LIMITS, type JsonObject } from './event.js';

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Nested deeper than {@link LIMITS} allows. */
export const TOO_DEEP = Symbol('too deep');

/**
 * The same JSON as every reader of the log understands it alike; the very same object where nothing is to be mended.
 * Without keys named `__proto__`; with U+FFFD for halves of characters; and where a name with dots says what nested
 * objects say too, without that name. What is mended, and what was a number that no double holds, is added to `flags`
 * with its path, which begins with `path`. Answers {@link TOO_DEEP} rather than run out of stack.
 */
export function mendedJson(value: unknown, flags: Flag[], path: string[] = []): unknown {
  return mended(value, { flags, path, limit: path.length + LIMITS.depth });
}

interface Walk {
  readonly flags: Flag[];
  readonly path: string[];
  /** How long the path may become. */
  readonly limit: number;
}

function mended(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : mendedText(value, walk);
  if (typeof value !== 'object' || value === null) return value;
  if (walk.path.length >= walk.limit) return TOO_DEEP;
  return Array.isArray(value) ? mendedArray(value, walk) : mendedObject(value as JsonObject, walk);
}

function mendedText(text: string, { flags, path }: Walk): string {
  flag(flags, 'lone_surrogate', path.join('.'));
  return text.toWellFormed();
}

function mendedArray(items: readonly unknown[], walk: Walk): unknown {
  const numbers = hadNumbers(items);
  let copy: unknown[] | undefined;
  for (let i = 0; i < items.length; i += 1) {
    const item = items[i];
    if (typeof item !== 'string' && (typeof item !== 'object' || item === null)) continue;
    walk.path.push(String(i));
    if (numbers) flagNumber(items, String(i), walk);
    const after = mended(item, walk);
    walk.path.pop();
    if (after === TOO_DEEP) return TOO_DEEP;
    if (after !== item) (copy ??= [...items])[i] = after;
  }
  return copy ?? items;
}

function mendedObject(object: JsonObject, walk: Walk): unknown {
  const numbers = hadNumbers(object);
  let copy: JsonObject | undefined;
  for (const key in object) {
    if (key === '__proto__' || !isKept(key, object, walk)) {
      copy ??= { ...object };
      Reflect.deleteProperty(copy, key);
      continue;
    }
    const item = object[key];
    if (typeof item !== 'string' && (typeof item !== 'object' || item === null)) continue;
    walk.path.push(key);
    if (numbers) flagNumber(object, key, walk);
    const after = mended(item, walk);
    walk.path.pop();
    if (after === TOO_DEEP) return TOO_DEEP;
    if (after !== item) (copy ??= { ...object })[key] = after;
  }
  return copy ?? object;
}

function isKept(key: string, object: JsonObject, { flags, path }: Walk): boolean {
  if (!key.includes('.') || !isNested(object, key)) return true;
  flag(flags, 'repeated_field', [...path, key].join('.'));
  return false;
}

/** Whether nested objects have what the name with dots would lead to. */
function isNested(object: JsonObject, name: string): boolean {
  let value: unknown = object;
  for (const step of name.split('.')) {
    if (!isJsonObject(value) || !Object.hasOwn(value, step)) return false;
    value = value[step];
  }
  return true;
}

function flagNumber(holder: object, key: string, { flags, path }: Walk): void {
  if (wasNumber(holder, key)) flag(flags, 'number_as_text', path.join('.'));
}
