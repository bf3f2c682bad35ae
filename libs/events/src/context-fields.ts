import type { JsonObject } from './event.js';
import { flag, type Flag } from './flags.js';

/** Objects of a context, in whose place PHP writes `[]` where they are empty. */
const OBJECTS = ['traits', 'device', 'os'] as const;

/** A client's context as an event has it: empty objects are objects, and what the platform says there is its own. */
export function contextFields(given: JsonObject, flags: Flag[]): JsonObject {
  let context = given;
  for (const name of OBJECTS) if (isEmptyArray(context[name])) context = { ...context, [name]: {} };
  if (context.tributary === undefined) return context;
  flag(flags, 'reserved_field', 'context.tributary');
  const { tributary: _forged, ...own } = context;
  return own;
}

export function isEmptyArray(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
