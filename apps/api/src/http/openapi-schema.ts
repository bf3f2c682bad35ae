export type OpenApiSchema = Record<string, unknown>;

interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly errorMessage?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const ANY_NAME = '^.*$';

/**
 * A schema as OpenAPI has it: those with a title are referred to by it, and described in `$defs`. What has a default need
 * not be sent; how an error is worded says nothing of a value.
 */
export function openApiOf(schema: object): OpenApiSchema {
  const $defs: OpenApiSchema = {};
  const convert = (from: Schema): OpenApiSchema => {
    const { title, description, errorMessage: _errorMessage, ...rest } = from;
    const { items, anyOf, oneOf, properties, patternProperties, required, ...plain } = rest;
    const all = (schemas: Readonly<Record<string, Schema>>) =>
      Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, convert(one)]));
    const needed = required?.filter((name) => !('default' in (properties?.[name] ?? {}))) ?? [];
    const { [ANY_NAME]: anyMember, ...byPattern } = patternProperties ?? {};
    const converted = {
      ...(from.enum?.every((value) => typeof value === 'string') ? { type: 'string' } : {}),
      ...plain,
      ...(items && { items: convert(items) }),
      ...(anyOf && { anyOf: anyOf.map(convert) }),
      ...(oneOf && { oneOf: oneOf.map(convert) }),
      ...(properties && { properties: all(properties) }),
      ...(needed.length > 0 && { required: needed }),
      ...(Object.keys(byPattern).length > 0 && { patternProperties: all(byPattern) }),
      ...(anyMember && { additionalProperties: convert(anyMember) }),
    };
    const said = description === undefined ? {} : { description };
    if (title === undefined) return { ...converted, ...said };
    $defs[title] = converted;
    return { $ref: `#/$defs/${title}`, ...said };
  };
  return { ...convert(schema), $defs };
}
