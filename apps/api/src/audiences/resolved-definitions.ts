import { Injectable } from '@nestjs/common';
import { namesIn, resolve, scoreReadIn, type AudienceDefinition, type Named } from '@tributary/audiences';
import type { AudienceMessage, TraitMessage } from '@tributary/contracts';
import { ControlPlane, type Definition, type Definitions } from '@tributary/control';
import { failed, ok, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../http/api.errors.js';
import { TRAITS } from '../traits/trait.kind.js';
import { AUDIENCES } from './audience.kind.js';
import { namedIn, resolvedIn } from './references.js';
import { definitionOf, faultAt, type SentDefinition } from './sent-definition.js';

/** Definitions with the audiences and computed traits that they name, as these are in force in the workspace. */
@Injectable()
export class ResolvedDefinitions {
  readonly #audiences: Definitions<AudienceMessage>;
  readonly #traits: Definitions<TraitMessage>;

  constructor(plane: ControlPlane) {
    this.#audiences = plane.definitions(AUDIENCES);
    this.#traits = plane.definitions(TRAITS);
  }

  /** As they are written where something that they name is not there. */
  async of(definitions: readonly AudienceDefinition[]): Promise<readonly AudienceDefinition[]> {
    if (!definitions.some(namesAny)) return definitions;
    const named = await this.#named();
    return definitions.map((definition) => resolvedIn(named, definition));
  }

  /** Of a body, which may name what is not there. */
  async sent(body: SentDefinition): Promise<Result<AudienceDefinition, ApiFailure>> {
    const definition = definitionOf(body);
    if (!definition.ok || !namesAny(definition.value)) return definition;
    const named = await this.#named();
    const score = scoreReadIn(definition.value, named);
    if (score) return failed(faultAt(body, score));
    const resolved = resolve(definition.value, named);
    return resolved.ok ? ok(resolved.value.definition) : failed(faultAt(body, resolved.error));
  }

  async #named(): Promise<Named> {
    const [audiences, traits] = await Promise.all([this.#audiences.all(), this.#traits.all()]);
    return namedIn(valuesOf(audiences), valuesOf(traits));
  }
}

/** By their ids. */
export function valuesOf<T extends object>(definitions: readonly Definition<T>[]): ReadonlyMap<string, T> {
  return new Map(definitions.map(({ id, value }) => [id, value]));
}

function namesAny(definition: AudienceDefinition): boolean {
  const { audiences, traits } = namesIn(definition);
  return audiences.length + traits.length > 0;
}
