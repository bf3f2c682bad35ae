import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import { guardOf } from '@tributary/contracts';
import { openApiOf, type OpenApiSchema } from './openapi-schema.js';
import { problemsOf, type Problem } from './problems.js';

type Immutable<T> = T extends string
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;

/** The values that a schema describes. */
export type Value<S extends TSchema> = Immutable<Static<S>>;

/** An object's schema that is a Standard Schema too: what `@Body`, `@Query`, `@Param` and `@Api…Response` of Nest take. */
export type Dto<P extends TProperties> = TObject<P> & SchemaFor<Value<TObject<P>>>;

/** A schema by what it describes, whatever its members are. */
export interface SchemaFor<V> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: 'typebox';
    readonly validate: (value: unknown) => Validated<V>;
    readonly jsonSchema: { readonly input: () => OpenApiSchema; readonly output: () => OpenApiSchema };
  };
}

type Validated<T> =
  { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly Problem[] };

/** What is wrong with a value beside its members, also where some of them are not as they should be. */
type Check = (value: Readonly<Record<string, unknown>>) => readonly Problem[];

/** What is sent or answered as JSON; the documents describe it under its name. */
export function dto<P extends TProperties>(title: string, properties: P, check?: Check): Dto<P> {
  return standard(Type.Object(properties, { title }), (sent) => sent, check);
}

/** The parameters of a path or a query, which come as texts. */
export function parameters<P extends TProperties>(properties: P): Dto<P> {
  return standard(
    Type.Object(properties),
    (sent) => numbersIn(sent, properties),
    undefined,
    rightness(properties),
  );
}

/** Whether nothing is wrong with a value, found out faster than what is; it may answer no to what is right. */
function rightness(properties: TProperties): (value: unknown) => boolean {
  const hasTimes = Object.values(properties).some(
    (schema) => (schema as { readonly format?: string }).format === 'date-time',
  );
  if (hasTimes) return () => false;
  let guard: ((value: unknown) => boolean) | undefined;
  return (value) => (guard ??= guardOf(Type.Object(properties, { additionalProperties: false })))(value);
}

function standard<P extends TProperties>(
  schema: TObject<P>,
  read: (sent: Readonly<Record<string, unknown>>) => unknown,
  check: Check = () => [],
  isRight: (value: unknown) => boolean = () => false,
): Dto<P> {
  const validate = (sent: unknown): Validated<Value<TObject<P>>> => {
    const value = isObject(sent) ? read(sent) : sent === undefined ? {} : sent;
    const problems = isRight(value) ? [] : problemsOf(schema, value);
    const issues = [...problems, ...(isObject(value) ? check(value) : [])];
    if (issues.length > 0) return { issues };
    return {
      value: withDefaults(value as Readonly<Record<string, unknown>>, schema.properties) as Value<TObject<P>>,
    };
  };
  const shown = () => openApiOf(schema);
  const value = { version: 1, vendor: 'typebox', validate, jsonSchema: { input: shown, output: shown } };
  return Object.defineProperty(schema, '~standard', { value }) as Dto<P>;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numbersIn(sent: Readonly<Record<string, unknown>>, properties: TProperties): object {
  const isNumber = (name: string) => (properties[name] as { type?: unknown } | undefined)?.type === 'integer';
  return Object.fromEntries(
    Object.entries(sent).map(([name, text]) => [name, isNumber(name) && text !== '' ? Number(text) : text]),
  );
}

function withDefaults(value: Readonly<Record<string, unknown>>, properties: TProperties): object {
  const defaults = Object.entries(properties).flatMap(([name, schema]) =>
    'default' in schema ? [[name, schema.default] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...value };
}

/** One of several answers. */
export function eitherOf(...oneOf: readonly TSchema[]) {
  const shown = () => openApiOf({ oneOf });
  return {
    '~standard': { version: 1, vendor: 'typebox', jsonSchema: { input: shown, output: shown } },
  } as const;
}

/** A value, or null, which means what the description says. */
export function nullable<S extends TSchema>(schema: S, description: string) {
  const { type } = schema as { readonly type?: string };
  return Type.Unsafe<Static<S> | null>({ ...schema, type: [type, 'null'], description });
}

/** The same object, with what it means in its place. */
export function described<P extends TProperties>(of: Dto<P>, description: string): TObject<P> {
  return Type.Object(of.properties, { ...of, description });
}
