import { nameAdvice } from '@tributary/kernel';
import type { TSchema } from 'typebox';
import { Errors } from 'typebox/schema';
import type { ApiFailure } from './api.errors.js';

/** Something that is wrong in a request. */
export interface Problem {
  /** Such as `plan.events[0].type`; empty: the body itself. */
  readonly field: string;
  /** What is wrong there. */
  readonly detail: string;
  /** A sentence that says both. */
  readonly message: string;
}

/** How an error of a member is worded, behind its name: always, for each keyword of its schema, or by the value. */
export type Wording = string | Readonly<Record<string, string>> | ((value: unknown) => string);

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly type?: string;
  readonly required?: readonly string[];
  readonly format?: string;
  readonly readOnly?: boolean;
  readonly errorMessage?: Wording;
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'must be an object',
  array: 'must be an array',
  string: 'must be a string',
  boolean: 'must be true or false',
};

/** As many as a reader can mend at a time. */
const SHOWN = 50;

export function problem(field: string, detail: string): Problem {
  return { field, detail, message: `${field} ${detail}` };
}

/** The answer to a request with such problems, of which so many are named. */
export function invalidRequest(problems: readonly Problem[], most = SHOWN): ApiFailure {
  const whole = problems.find(({ field }) => field === '');
  const shown = problems.filter(({ field }) => field !== '').slice(0, most);
  const more = problems.length > most ? [`and ${problems.length - most} more`] : [];
  return {
    code: 'invalid_request',
    message: whole?.message ?? [...shown.map(({ message }) => message), ...more].join('; '),
    details: shown.map(({ field, detail }) => ({ field, message: detail })),
  };
}

/**
 * All that is wrong with a value, by the places of its schema. Members that the schema does not name are among it: in a
 * message of a later version they are left out, in a request they are misspelt.
 */
export function problemsOf(schema: TSchema, value: unknown): readonly Problem[] {
  return problemsAt('', schema, value);
}

function problemsAt(field: string, schema: Schema, value: unknown): readonly Problem[] {
  if (schema.readOnly) return [];
  const {
    properties: _properties,
    patternProperties: _patterns,
    required: _required,
    items,
    ...rest
  } = schema;
  const { format, ...own } = rest;
  const isDate = format === 'date-time';
  const [, [error]] = Errors(isDate ? own : rest, value);
  if (error) {
    if (field === '') return [notAnObject(value), ...missingIn(schema, '', {})];
    const { allowedValues } = error.params as { readonly allowedValues?: readonly unknown[] };
    const usual = error.keyword === 'type' ? wrongType(schema) : undefined;
    const list = allowedValues ? `: ${allowedValues.join(', ')}` : '';
    return [worded(field, schema, error.keyword, usual ?? `${error.message}${list}`, value)];
  }
  if (isDate && !isInstant(String(value))) {
    return [worded(field, schema, 'format', 'must be an instant, such as 2026-01-02T03:04:05Z', value)];
  }
  if (Array.isArray(value)) {
    return items ? value.flatMap((item, i) => problemsAt(`${field}[${i}]`, items, item)) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return [
    ...members.flatMap(([name, member]) => memberProblems(field, schema, name, member)),
    ...missingIn(schema, field, value),
  ];
}

function wrongType({ type, properties }: Schema): string | undefined {
  if (properties) return `must be an object of ${Object.keys(properties).join(', ')}`;
  return type === undefined ? undefined : TYPES[type];
}

function memberProblems(
  within: string,
  { properties, patternProperties }: Schema,
  name: string,
  value: unknown,
): readonly Problem[] {
  const field = placeOf(within, name);
  if (properties) {
    if (Object.hasOwn(properties, name)) return problemsAt(field, properties[name] ?? {}, value);
    const known = Object.keys(properties).filter((one) => !properties[one]?.readOnly);
    return [problem(field, `is no field here; ${nameAdvice(name, known)}`)];
  }
  if (!patternProperties) return [];
  if (name.trim() === '') return [problem(`${field}""`, 'is no name: it is empty')];
  const found = Object.entries(patternProperties).find(([pattern]) => new RegExp(pattern, 's').test(name));
  if (found) return problemsAt(field, found[1], value);
  return [
    problem(field, `is no name that it may have: expected ${Object.keys(patternProperties).join(' or ')}`),
  ];
}

function missingIn(schema: Schema, within: string, value: object): readonly Problem[] {
  const { required = [], properties = {}, errorMessage } = schema;
  const usual = typeof errorMessage === 'object' ? errorMessage.required : undefined;
  return required.flatMap((name) => {
    const member = properties[name] ?? {};
    const isThere = Object.hasOwn(value, name) && (value as Record<string, unknown>)[name] !== undefined;
    if (isThere || 'default' in member) return [];
    return [worded(placeOf(within, name), member, 'type', usual ?? 'is missing', undefined)];
  });
}

function worded(
  field: string,
  { errorMessage }: Schema,
  keyword: string,
  usual: string,
  value: unknown,
): Problem {
  const own =
    typeof errorMessage === 'function'
      ? errorMessage(value)
      : typeof errorMessage === 'object'
        ? errorMessage[keyword]
        : errorMessage;
  if (own === undefined) return problem(field, usual);
  // Worded for this member, wherever it is.
  return { field, detail: own, message: `${field.slice(field.lastIndexOf('.') + 1)} ${own}` };
}

function placeOf(within: string, name: string): string {
  return within === '' ? name : `${within}.${name}`;
}

function notAnObject(value: unknown): Problem {
  const message = `The body must be a JSON object, found ${kindOf(value)}.`;
  return { field: '', detail: message, message };
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return value === '' ? 'an empty text' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}

const INSTANT = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$/;

/** RFC 3339, or only the beginning of it; without a zone it is UTC. */
function isInstant(text: string): boolean {
  const day = INSTANT.exec(text)?.[1];
  // Date lets a 30th of February pass.
  return day !== undefined && !Number.isNaN(Date.parse(text)) && toDay(day) === day;
}

function toDay(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);
}
