import { linearPattern } from './linear-pattern.js';
import { PLAN_LIMITS, type JsonObject, type PlanProblem } from './plan.js';
import { appliedBy, isObject, listedIn, patternsOf, pointedTo, storedIn } from './schema-keywords.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const PATTERN_WEIGHT = 20;

/**
 * Says what of a schema could hold a process up or reach outside of it; empty where nothing does. References point
 * into the schema itself and never in a circle, so that the written-out schema is finite: each part of it looks at
 * each value of a call once at most, and the time to judge a call is at most the weight times its size.
 */
export function checkSchema(schema: JsonObject): readonly PlanProblem[] {
  const length = JSON.stringify(schema).length;
  if (length > PLAN_LIMITS.schemaCharacters) {
    return [
      { path: '', message: `is ${length} characters of JSON: at most ${PLAN_LIMITS.schemaCharacters}` },
    ];
  }
  const check = new SchemaCheck(schema);
  check.visit(schema, '', 0);
  return check.problems;
}

class SchemaCheck {
  readonly problems: PlanProblem[] = [];
  /** By schema: undefined while it is being weighed. */
  readonly #weights = new Map<object, number | undefined>();

  constructor(private readonly root: JsonObject) {}

  /** The weight of a schema; what is wrong with it goes to the problems. */
  visit(schema: unknown, path: string, depth: number): number {
    if (!isObject(schema)) return 1;
    if (depth > PLAN_LIMITS.depth) {
      return this.#wrong(
        path,
        `schemas are nested, or refer to one another, deeper than ${PLAN_LIMITS.depth}`,
      );
    }
    if (this.#weights.has(schema)) {
      return (
        this.#weights.get(schema) ??
        this.#wrong(path, 'refers to itself, directly or through others: a schema must be finite')
      );
    }
    this.#weights.set(schema, undefined);
    const weight = this.#weigh(schema, path, depth);
    this.#weights.set(schema, weight);
    for (const stored of storedIn(schema)) this.visit(stored.schema, path + stored.path, depth + 1);
    if (schema === this.root && weight > PLAN_LIMITS.weight) {
      this.#wrong(path, `has more than ${PLAN_LIMITS.weight} parts with every $ref written out`);
    }
    return weight;
  }

  #weigh(schema: JsonObject, path: string, depth: number): number {
    this.#look(schema, path);
    let weight = 1 + listedIn(schema) + PATTERN_WEIGHT * patternsOf(schema).length;
    for (const applied of appliedBy(schema)) {
      weight += this.visit(applied.schema, path + applied.path, depth + 1);
    }
    if (typeof schema.$ref === 'string') weight += this.#follow(schema.$ref, `${path}/$ref`, depth);
    // It may be the end of a chain that doubles with every link.
    return Math.min(weight, PLAN_LIMITS.weight + 1);
  }

  #follow(ref: string, path: string, depth: number): number {
    if (ref !== '#' && !ref.startsWith('#/')) {
      return this.#wrong(
        path,
        `is "${ref}": expected a JSON pointer into this schema, such as #/$defs/price`,
      );
    }
    const target = pointedTo(this.root, ref);
    if (!isObject(target) && typeof target !== 'boolean') {
      return this.#wrong(path, `is "${ref}", where there is no schema`);
    }
    return this.visit(target, path, depth + 1);
  }

  #look(schema: JsonObject, path: string): void {
    for (const keyword of ['$dynamicRef', '$recursiveRef', ...(path === '' ? [] : ['$id'])]) {
      if (keyword in schema) this.#wrong(`${path}/${keyword}`, 'is not taken: refer by $ref: "#/$defs/…"');
    }
    const dialect = schema.$schema;
    if (dialect !== undefined && !isOurs(dialect)) {
      this.#wrong(`${path}/$schema`, `is not taken: leave it out, or give ${DIALECT}`);
    }
    for (const { path: at, pattern } of patternsOf(schema)) {
      try {
        linearPattern(pattern);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#wrong(
          path + at,
          `is not a regular expression without look-around and back references: ${reason}`,
        );
      }
    }
  }

  #wrong(path: string, message: string): number {
    this.problems.push({ path, message });
    return 1;
  }
}

function isOurs(dialect: unknown): boolean {
  return typeof dialect === 'string' && dialect.replace(/#$/, '') === DIALECT;
}
