import { LIMITS, type JsonObject } from './event.js';

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Nested deeper than {@link LIMITS} allows. */
export const TOO_DEEP = Symbol('too deep');

/**
 * The same JSON without keys named `__proto__`, at any depth; the very same object where there is none.
 * Answers {@link TOO_DEEP} rather than run out of stack.
 */
export function withoutPrototypeKeys(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= LIMITS.depth) return TOO_DEEP;
  return Array.isArray(value) ? cleanArray(value, depth) : cleanObject(value as JsonObject, depth);
}

function cleanArray(items: readonly unknown[], depth: number): unknown {
  let copy: unknown[] | undefined;
  for (let i = 0; i < items.length; i += 1) {
    const item = items[i];
    if (typeof item !== 'object' || item === null) continue;
    const cleaned = withoutPrototypeKeys(item, depth + 1);
    if (cleaned === TOO_DEEP) return TOO_DEEP;
    if (cleaned !== item) (copy ??= [...items])[i] = cleaned;
  }
  return copy ?? items;
}

function cleanObject(object: JsonObject, depth: number): unknown {
  let copy: JsonObject | undefined;
  for (const key in object) {
    if (key === '__proto__') {
      copy ??= { ...object };
      Reflect.deleteProperty(copy, key);
      continue;
    }
    const item = object[key];
    if (typeof item !== 'object' || item === null) continue;
    const cleaned = withoutPrototypeKeys(item, depth + 1);
    if (cleaned === TOO_DEEP) return TOO_DEEP;
    if (cleaned !== item) (copy ??= { ...object })[key] = cleaned;
  }
  return copy ?? object;
}
