import { failed, ok, type Result } from '@tributary/kernel';
import addFormats from 'ajv-formats';
import { Ajv2020, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { linearPattern } from './linear-pattern.js';
import type { JsonObject, PlanProblem } from './plan.js';
import { checkSchema } from './schema-check.js';

/** Finds all that is wrong with a call; null where nothing is. */
export type Validate = (call: unknown) => readonly ErrorObject[] | null;

/** Those that ajv-formats validates in time proportional to the text. */
const FORMATS = [
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'time',
  'uri',
  'uuid',
] as const;

/** Compiles schemas, one by one; keeps none. */
export class SchemaCompiler {
  readonly #ajv: Ajv2020;

  constructor() {
    this.#ajv = new Ajv2020({
      allErrors: true,
      strictTypes: false,
      strictTuples: false,
      strictRequired: false,
      allowUnionTypes: true,
      addUsedSchema: false,
      inlineRefs: false,
      logger: false,
      code: { regExp: Object.assign((source: string) => linearPattern(source), { code: 'linearPattern' }) },
    });
    addFormats.default(this.#ajv, { mode: 'full', formats: [...FORMATS], keywords: false });
    // The meta-schema asks for it; patterns are looked at before.
    this.#ajv.addFormat('regex', true);
    this.#ajv.addFormat('uri-reference', true);
    this.#ajv.removeKeyword('uniqueItems');
    this.#ajv.addKeyword({
      keyword: 'uniqueItems',
      type: 'array',
      schemaType: 'boolean',
      error: { message: 'must not have the same item twice' },
      validate: (unique: boolean, items: readonly unknown[]) => !unique || areUnique(items),
    });
  }

  compile(schema: JsonObject): Result<Validate, readonly PlanProblem[]> {
    const problems = checkSchema(schema);
    if (problems.length > 0) return failed(problems);
    const given = schema as AnySchemaObject;
    try {
      if (this.#ajv.validateSchema(given) !== true) return failed(toProblems(this.#ajv.errors));
      const validate = this.#ajv.compile(given);
      return ok(errorsOf(validate));
    } catch (error) {
      return failed([{ path: '', message: error instanceof Error ? error.message : String(error) }]);
    } finally {
      this.#ajv.removeSchema(given);
    }
  }
}

function errorsOf(validate: ValidateFunction): Validate {
  return (call) => (validate(call) ? null : (validate.errors ?? []));
}

function toProblems(errors: readonly ErrorObject[] | null | undefined): readonly PlanProblem[] {
  return (errors ?? []).map(({ instancePath, message = 'is not valid', params }) => {
    const allowed = (params as { readonly allowedValues?: readonly unknown[] }).allowedValues;
    return { path: instancePath, message: allowed ? `${message}: ${allowed.join(', ')}` : message };
  });
}

/** Ajv's own compares every pair, which takes seconds on a long list. What nests too deep to be written is not unique. */
function areUnique(items: readonly unknown[]): boolean {
  try {
    return new Set(items.map((item) => canonical(item))).size === items.length;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
