/** A request as the page of the documents fills it in. */
export interface ExampleRequest {
  readonly method: string;
  readonly path: string;
  /** Absent where the route takes none. */
  readonly body?: unknown;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly example?: unknown;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: {
    readonly content?: Readonly<
      Record<
        string,
        {
          readonly schema?: Schema;
          readonly example?: unknown;
          readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
        }
      >
    >;
  };
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/**
 * Every PUT and POST with each of its examples, or with what Swagger UI makes of the schema where it has none; without
 * those of a version: which there are depends on what was put.
 */
export function bodyExamples(document: unknown): readonly ExampleRequest[] {
  const { paths, components } = document as OpenApi;
  const schemas = components?.schemas ?? {};
  const unversioned = Object.entries(paths).filter(([path]) => !path.includes('{version}'));
  return unversioned.flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method === 'put' || method === 'post')
      .flatMap(([method, operation]) => {
        const filled = filledPath(path, operation);
        return bodiesOf(operation, schemas).map((body) => ({
          method: method.toUpperCase(),
          path: filled,
          ...(body === undefined ? {} : { body }),
        }));
      }),
  );
}

function filledPath(path: string, { parameters = [] }: Operation): string {
  return parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce((filled, { name, example, schema }) => {
      const value = example ?? schema?.example;
      if (typeof value !== 'string') throw new Error(`${path} has no example for ${name}`);
      return filled.replace(`{${name}}`, encodeURIComponent(value));
    }, path);
}

function bodiesOf({ requestBody }: Operation, schemas: Readonly<Record<string, Schema>>): readonly unknown[] {
  const media = requestBody?.content?.['application/json'];
  if (!media) return [undefined];
  if (media.examples) return Object.values(media.examples).map(({ value }) => value);
  return [media.example ?? sampleOf(media.schema ?? {}, schemas)];
}

function sampleOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): unknown {
  if (schema.$ref !== undefined) return sampleOf(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  const given = schema.example ?? schema.default ?? schema.enum?.[0];
  if (given !== undefined) return given;
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, member]) => [name, sampleOf(member, schemas)]),
      );
    case 'array':
      return schema.items ? [sampleOf(schema.items, schemas)] : [];
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return true;
    default:
      return schema.format === 'date-time' ? '2026-01-02T03:04:05.678Z' : 'string';
  }
}
