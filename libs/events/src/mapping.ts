import { failed, ok, type Result } from '@tributary/kernel';
import { isJsonObject } from './json.js';
import { parsePath, type Path } from './path.js';
import { parseInstant } from './timestamps.js';
import { instantText } from './instant-text.js';

/** What a value may be cast to; an instant is RFC 3339 text, of whatever `parseInstant` reads. */
export const CAST_TARGETS = ['string', 'number', 'boolean', 'instant'] as const;
export type CastTarget = (typeof CAST_TARGETS)[number];

/** One step of a mapping. Paths are dotted (`properties.total`) or JSON Pointers (`/properties/a.b`). */
export type MappingOperation =
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  | { readonly op: 'set'; readonly path: string; readonly value: unknown }
  | { readonly op: 'drop'; readonly path: string }
  | { readonly op: 'cast'; readonly path: string; readonly to: CastTarget };

/** Mends a JSON value. Pure: what it is given stays as it is. */
export type Mapping = (value: unknown) => unknown;

/** An operation that cannot be carried out, and why. */
export interface MappingError {
  readonly index: number;
  readonly message: string;
}

/** The most operations of one mapping. */
export const MAX_OPERATIONS = 100;

/**
 * Makes a mapping of operations that are applied in their order. A path that leads nowhere changes nothing: `rename`
 * of what is not there, `drop` of it, `cast` of a value that is no such thing. `set` and the target of `rename` make
 * the objects on their way; neither makes array items, nor reaches through texts and numbers.
 */
export function compileMapping(
  operations: readonly MappingOperation[],
): Result<Mapping, readonly MappingError[]> {
  if (operations.length > MAX_OPERATIONS) {
    return failed([{ index: MAX_OPERATIONS, message: `more than ${MAX_OPERATIONS} operations` }]);
  }
  const errors: MappingError[] = [];
  const steps = operations.map((operation, index) => {
    const step = compile(operation);
    if (step.ok) return step.value;
    errors.push({ index, message: step.error });
    return undefined;
  });
  if (errors.length > 0) return failed(errors);
  return ok((value) => steps.reduce((mended, step) => step?.(mended) ?? mended, value));
}

function compile(operation: MappingOperation): Result<Mapping, string> {
  if (operation.op === 'rename') {
    const from = parsePath(operation.from);
    const to = parsePath(operation.to);
    if (!from.ok) return from;
    return to.ok ? ok((value) => renamed(value, from.value, to.value)) : to;
  }
  const path = parsePath(operation.path);
  if (!path.ok) return path;
  if (operation.op === 'drop') return ok((value) => without(value, path.value));
  if (operation.op === 'set') return ok((value) => placed(value, path.value, operation.value));
  return ok((value) => recast(value, path.value, operation.to));
}

function renamed(value: unknown, from: Path, to: Path): unknown {
  const moved = at(value, from);
  if (moved === undefined) return value;
  const target = placed(without(value, from), to, moved);
  return at(target, to) === moved ? target : value;
}

function recast(value: unknown, path: Path, target: CastTarget): unknown {
  const found = at(value, path);
  const converted = found === undefined ? undefined : cast(found, target);
  return converted === undefined || converted === found ? value : placed(value, path, converted);
}

function cast(value: unknown, target: CastTarget): unknown {
  if (target === 'instant') return instantOf(value);
  if (target === 'string') {
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  }
  const text = typeof value === 'string' ? value.trim() : value;
  if (target === 'number') {
    if (typeof text === 'boolean') return Number(text);
    if (typeof text !== 'string' || text === '') return undefined;
    const number = Number(text);
    return Number.isFinite(number) ? number : undefined;
  }
  if (text === 1 || (typeof text === 'string' && /^(true|1|yes)$/i.test(text))) return true;
  return text === 0 || (typeof text === 'string' && /^(false|0|no)$/i.test(text)) ? false : undefined;
}

/** Where somebody asks for an instant, smaller numbers than a call may have are seconds too. */
function instantOf(value: unknown): string | undefined {
  const number = typeof value === 'string' && /^\d{1,8}(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  const read =
    parseInstant(number) ?? (typeof number === 'number' ? parseInstant(number * 1_000) : undefined);
  return read === undefined ? undefined : instantText(read);
}

function at(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}

function placed(value: unknown, [step, ...rest]: Path, given: unknown): unknown {
  if (step === undefined) return given;
  if (Array.isArray(value)) {
    if (!/^\d+$/.test(step) || Number(step) >= value.length) return value;
    return value.with(Number(step), placed(value[Number(step)], rest, given)) as unknown;
  }
  if (value !== undefined && value !== null && !isJsonObject(value)) return value;
  const object = value ?? {};
  return { ...object, [step]: placed((object as Record<string, unknown>)[step], rest, given) };
}

function without(value: unknown, [step, ...rest]: Path): unknown {
  if (typeof value !== 'object' || value === null || step === undefined) return value;
  if (!Object.hasOwn(value, step)) return value;
  if (Array.isArray(value)) {
    const index = Number(step);
    if (!/^\d+$/.test(step)) return value;
    return rest.length === 0 ? value.toSpliced(index, 1) : value.with(index, without(value[index], rest));
  }
  const object = value as Record<string, unknown>;
  if (rest.length > 0) return { ...object, [step]: without(object[step], rest) };
  const { [step]: _dropped, ...kept } = object;
  return kept;
}
