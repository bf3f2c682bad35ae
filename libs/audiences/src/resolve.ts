import { failed, nearestName, ok, type Result } from '@tributary/kernel';
import { conditionsOf } from './aggregate.js';
import { isScore, type DefinedTrait } from './computed/score.js';
import type { AudienceDefinition, Condition } from './definition.js';

/** An audience refers to so many conditions at most, its own among them. */
export const MAX_RESOLVED_CONDITIONS = 500;

/** Audiences name one another so deep at most. */
const MAX_REFERENCES = 20;

/** What the definitions of a workspace name. */
export interface Named {
  /** By key, as they are written. */
  readonly audiences: ReadonlyMap<string, AudienceDefinition>;
  /** The computed traits of people, by key. */
  readonly traits: ReadonlyMap<string, DefinedTrait>;
}

/** A definition that names nothing, and what it was made of. */
export interface Resolved {
  readonly definition: AudienceDefinition;
  /** The keys of all audiences that were named, also in one another, each once. */
  readonly audiences: readonly string[];
  /** Those of the computed traits. */
  readonly traits: readonly string[];
}

/** Why a definition means nothing. */
export interface ReferenceFault {
  /** Which of its conditions names what is wrong: their order is that of {@link conditionsOf}. */
  readonly nth: number;
  readonly reason: string;
}

/**
 * A definition with each audience that it names in its place, and each computed trait: nothing else is to be known to
 * evaluate it. A definition that names neither stays the same object. A trait that is computed comes before one of a customer's of
 * the same name. A score is read as a customer's trait: see {@link scoreReadIn}. `own`: the key of the audience itself,
 * which it may not come back to.
 */
export function resolve(
  definition: AudienceDefinition,
  named: Named,
  own?: string,
): Result<Resolved, ReferenceFault> {
  try {
    const resolving = new Resolving(named);
    const whole = resolving.whole(definition, own === undefined ? [] : [own]);
    return ok({
      definition: whole,
      audiences: [...resolving.audiences],
      traits: [...resolving.traits],
    });
  } catch (error) {
    if (!(error instanceof Unresolved)) throw error;
    return failed({ nth: error.nth, reason: error.reason });
  }
}

/** What the conditions of a definition name themselves, each once. */
export function namesIn(definition: AudienceDefinition): {
  readonly audiences: readonly string[];
  readonly traits: readonly string[];
} {
  const conditions = conditionsOf(definition);
  const audiences = conditions.flatMap((one) => (one.kind === 'audience' ? [one.key] : []));
  const traits = conditions.flatMap((one) => (one.kind === 'trait' ? [one.name] : []));
  return { audiences: [...new Set(audiences)], traits: [...new Set(traits)] };
}

/** The first condition that reads a score; undefined where none does. */
export function scoreReadIn(
  definition: AudienceDefinition,
  { traits }: Pick<Named, 'traits'>,
): ReferenceFault | undefined {
  for (const [nth, condition] of conditionsOf(definition).entries()) {
    const trait = condition.kind === 'trait' ? traits.get(condition.name) : undefined;
    if (condition.kind !== 'trait' || !trait || !isScore(trait)) continue;
    const reason = `"${condition.name}" is a score, which an audience cannot read yet: compare the trait that it ranks, trait('${trait.ranks}')`;
    return { nth, reason };
  }
  return undefined;
}

class Unresolved extends Error {
  constructor(
    readonly nth: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

class Resolving {
  readonly audiences = new Set<string>();
  readonly traits = new Set<string>();
  #count = 0;
  /** Of the definition that was asked about: what is inside another one is told of where that is named. */
  #nth = -1;

  constructor(private readonly named: Named) {}

  /** `path`: the keys of the audiences that it is a part of. */
  whole(definition: AudienceDefinition, path: readonly string[], depth = 0): AudienceDefinition {
    switch (definition.kind) {
      case 'and':
      case 'or': {
        const operands = definition.operands.map((operand) => this.whole(operand, path, depth));
        const isSame = operands.every((operand, i) => operand === definition.operands[i]);
        return isSame ? definition : { kind: definition.kind, operands };
      }
      case 'not': {
        const operand = this.whole(definition.operand, path, depth);
        return operand === definition.operand ? definition : { kind: 'not', operand };
      }
      default:
        if (depth === 0) this.#nth += 1;
        return this.#condition(definition, path, depth);
    }
  }

  #condition(condition: Condition, path: readonly string[], depth: number): AudienceDefinition {
    if (condition.kind === 'audience') return this.#audience(condition.key, path, depth);
    this.#count += 1;
    if (this.#count > MAX_RESOLVED_CONDITIONS)
      throw this.#fault(
        `with the audiences that it names the definition has more than ${MAX_RESOLVED_CONDITIONS} conditions`,
      );
    if (condition.kind !== 'trait') return condition;
    const trait = this.named.traits.get(condition.name);
    if (!trait || isScore(trait)) return condition;
    this.traits.add(condition.name);
    return { kind: 'value', ...trait, comparison: condition.comparison };
  }

  #audience(key: string, path: readonly string[], depth: number): AudienceDefinition {
    if (path.includes(key)) {
      const circle = [...path.slice(path.indexOf(key)), key].map((one) => `"${one}"`).join(' → ');
      throw this.#fault(`an audience cannot be made of itself: ${circle}`);
    }
    const definition = this.named.audiences.get(key);
    if (!definition) {
      const others = [...this.named.audiences.keys()].filter((other) => !path.includes(other));
      const nearest = nearestName(key, others);
      const advice = nearest === undefined ? 'create it first' : `did you mean "${nearest}"?`;
      throw this.#fault(`there is no audience "${key}"; ${advice}`);
    }
    if (depth === MAX_REFERENCES)
      throw this.#fault(`audiences name one another more than ${MAX_REFERENCES} deep`);
    this.audiences.add(key);
    return this.whole(definition, [...path, key], depth + 1);
  }

  #fault(reason: string): Unresolved {
    return new Unresolved(this.#nth, reason);
  }
}
