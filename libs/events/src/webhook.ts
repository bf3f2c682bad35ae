import { failed, ok, type Result } from '@tributary/kernel';
import type { CallType, JsonObject } from './event.js';
import { compileExpression, type Expression } from './expression.js';
import { isJsonObject } from './json.js';

/** How JSON that is no tracking call becomes calls: JMESPath expressions over a body, or over each of its `items`. */
export interface WebhookRules {
  readonly items?: string;
  readonly type: CallType;
  readonly event?: string;
  readonly messageId?: string;
  readonly timestamp?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly groupId?: string;
  /** Namespace to expression: they become `context.externalIds`. */
  readonly externalIds?: Readonly<Record<string, string>>;
  readonly properties?: string | Readonly<Record<string, string>>;
  readonly traits?: string | Readonly<Record<string, string>>;
}

/** An expression that is none: where in the rules, and why. */
export interface WebhookError {
  readonly field: string;
  readonly message: string;
}

/** Makes calls of a body; fails where nothing is found in it, and says what. */
export type Webhook = (body: unknown) => Result<readonly JsonObject[], string>;

const FIELDS = ['event', 'messageId', 'timestamp', 'userId', 'anonymousId', 'groupId'] as const;
const OBJECTS = ['properties', 'traits'] as const;

type Reader = (item: unknown, problems: string[]) => unknown;

/** Compiles the rules; each expression is bounded ({@link compileExpression}). */
export function compileWebhook(rules: WebhookRules): Result<Webhook, readonly WebhookError[]> {
  const errors: WebhookError[] = [];
  const items = rules.items === undefined ? undefined : reader('items', rules.items, errors);
  const fields: [string, Reader][] = [];
  for (const field of FIELDS) {
    const text = rules[field];
    if (text !== undefined) fields.push([field, reader(field, text, errors)]);
  }
  for (const field of OBJECTS) {
    const given = rules[field];
    if (given !== undefined) fields.push([field, objectReader(field, given, errors)]);
  }
  if (rules.externalIds) fields.push(['context', externalIds(rules.externalIds, errors)]);
  if (errors.length > 0) return failed(errors);
  return ok((body) => callsOf(body, rules.type, items, fields));
}

function callsOf(
  body: unknown,
  type: CallType,
  items: Reader | undefined,
  fields: readonly (readonly [string, Reader])[],
): Result<readonly JsonObject[], string> {
  const problems: string[] = [];
  const found = items ? (items(body, problems) ?? []) : body;
  const calls: JsonObject[] = [];
  for (const item of Array.isArray(found) ? (found as unknown[]) : [found]) {
    const call: JsonObject = {};
    for (const [field, read] of fields) {
      const value = read(item, problems) ?? undefined;
      if (value !== undefined) call[field] = value;
    }
    calls.push({ type, ...call });
  }
  // A call of its type alone says nothing of the body.
  if (calls.some((call) => Object.keys(call).length > 1)) return ok(calls);
  const why = problems[0] === undefined ? '' : `: ${problems[0]}`;
  return failed(`the source's webhook mapping finds nothing in the body${why}`);
}

function reader(field: string, text: string, errors: WebhookError[]): Reader {
  const compiled = compileExpression(text);
  if (!compiled.ok) {
    errors.push({ field, message: compiled.error });
    return () => undefined;
  }
  return (item, problems) => evaluated(compiled.value, item, field, problems);
}

function evaluated(expression: Expression, item: unknown, field: string, problems: string[]): unknown {
  const result = expression(item);
  if (result.ok) return result.value;
  if (problems.length === 0) problems.push(`${field}: ${result.error}`);
  return undefined;
}

function objectReader(
  field: string,
  given: string | Readonly<Record<string, string>>,
  errors: WebhookError[],
): Reader {
  if (typeof given === 'string') return reader(field, given, errors);
  const readers = Object.entries(given).map(
    ([name, text]) => [name, reader(`${field}.${name}`, text, errors)] as const,
  );
  return (item, problems) => {
    const object: JsonObject = {};
    for (const [name, read] of readers) {
      const value = read(item, problems) ?? undefined;
      if (value !== undefined && name !== '__proto__') object[name] = value;
    }
    return Object.keys(object).length > 0 ? object : undefined;
  };
}

function externalIds(given: Readonly<Record<string, string>>, errors: WebhookError[]): Reader {
  const read = objectReader('externalIds', given, errors);
  return (item, problems) => {
    const found = read(item, problems);
    if (!isJsonObject(found)) return undefined;
    const ids = Object.entries(found).map(([type, id]) => ({
      id,
      type,
      collection: 'users',
      encoding: 'none',
    }));
    return { externalIds: ids };
  };
}
