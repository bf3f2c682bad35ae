import { linearPattern } from './linear-pattern.js';
import { PLAN_LIMITS, type JsonObject, type PlanProblem } from './plan.js';
import {
  appliedBy,
  isObject,
  listedIn,
  patternsOf,
  pointedTo,
  storedIn,
  type Place,
} from './schema-keywords.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const PATTERN_WEIGHT = 20;
const CAP = 1_000_000;

/**
 * Says what of a schema could hold a process up or reach outside of it; empty where nothing does. References point
 * into the schema itself and never in a circle, so that the written-out schema is finite: each part of it looks at
 * each value of a call once at most. So the time to validate a call is bounded by the overlap times the call's size.
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

/** How much work a schema makes. */
interface Cost {
  /** Its parts, with every reference written out. */
  readonly weight: number;
  /** How many of its parts look at one and the same value, at most. */
  readonly overlap: number;
}

const LEAST: Cost = { weight: 1, overlap: 1 };

class SchemaCheck {
  readonly problems: PlanProblem[] = [];
  /** By schema: undefined while it is being weighed. */
  readonly #costs = new Map<object, Cost | undefined>();

  constructor(private readonly root: JsonObject) {}

  /** The cost of a schema; what is wrong with it goes to the problems. */
  visit(schema: unknown, path: string, depth: number): Cost {
    if (!isObject(schema)) return LEAST;
    if (depth > PLAN_LIMITS.depth) {
      return this.#wrong(
        path,
        `schemas are nested, or refer to one another, deeper than ${PLAN_LIMITS.depth}`,
      );
    }
    if (this.#costs.has(schema)) {
      return (
        this.#costs.get(schema) ??
        this.#wrong(path, 'refers to itself, directly or through others: a schema must be finite')
      );
    }
    this.#costs.set(schema, undefined);
    const cost = this.#weigh(schema, path, depth);
    this.#costs.set(schema, cost);
    for (const stored of storedIn(schema)) this.visit(stored.schema, path + stored.path, depth + 1);
    if (schema === this.root) this.#validate(cost);
    return cost;
  }

  #validate({ weight, overlap }: Cost): void {
    if (weight > PLAN_LIMITS.weight) {
      this.#wrong('', `has more than ${PLAN_LIMITS.weight} parts with every $ref written out`);
    }
    if (overlap > PLAN_LIMITS.overlap) {
      this.#wrong('', `looks at one and the same value in more than ${PLAN_LIMITS.overlap} of its parts`);
    }
  }

  #weigh(schema: JsonObject, path: string, depth: number): Cost {
    this.#look(schema, path);
    const at = (place: Place) =>
      appliedBy(schema, place).map((applied) => this.visit(applied.schema, path + applied.path, depth + 1));
    const itself = at('itself');
    if (typeof schema.$ref === 'string') itself.push(this.#follow(schema.$ref, `${path}/$ref`, depth));
    const one = at('one');
    const any = at('any');
    const own = 1 + listedIn(schema) + PATTERN_WEIGHT * patternsOf(schema).length;
    const below = Math.max(0, ...one.map(({ overlap }) => overlap)) + total(any, 'overlap');
    const weight = own + total([...itself, ...one, ...any], 'weight');
    const overlap = total(itself, 'overlap') + Math.max(1, below);
    // It may be the end of a chain that doubles with every link.
    return { weight: Math.min(weight, CAP), overlap: Math.min(overlap, CAP) };
  }

  #follow(ref: string, path: string, depth: number): Cost {
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

  #wrong(path: string, message: string): Cost {
    this.problems.push({ path, message });
    return LEAST;
  }
}

function isOurs(dialect: unknown): boolean {
  return typeof dialect === 'string' && dialect.replace(/#$/, '') === DIALECT;
}

function total(costs: readonly Cost[], of: keyof Cost): number {
  return costs.reduce((sum, cost) => sum + cost[of], 0);
}
