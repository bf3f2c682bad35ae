import { Inject, Injectable } from '@nestjs/common';
import {
  aggregatesOfTrait,
  parseComputedTrait,
  printComputedTrait,
  type ComputedTrait,
} from '@tributary/audiences';
import type { TraitMessage } from '@tributary/contracts';
import { ControlPlane, type Change } from '@tributary/control';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { KafkaActiveAggregates } from '../audiences/kafka.active-aggregates.js';
import { DefinitionChanges } from '../control/definition-changes.js';
import { asItWas, DefinitionResource } from '../control/definition-resource.js';
import type { ApiFailure } from '../http/api.errors.js';
import type { PageQuery } from '../http/page.dto.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { toShownTrait, type ShownTrait, type TraitBody, type TraitKey } from './trait.dto.js';
import { TRAITS, type StoredTrait } from './trait.kind.js';

const NOT_FOUND: ApiFailure = { code: 'trait_not_found', message: 'Computed trait was not found.' };

@Injectable()
export class TraitsService {
  readonly resource: DefinitionResource<TraitMessage, TraitKey, PageQuery, TraitBody, ShownTrait>;

  constructor(
    plane: ControlPlane,
    changes: DefinitionChanges,
    private readonly aggregates: KafkaActiveAggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const definitions = plane.definitions(TRAITS);
    this.resource = new DefinitionResource(definitions, changes, {
      what: 'trait',
      list: 'traits',
      idOf: ({ key }) => key,
      missing: () => NOT_FOUND,
      wanted: (key, body, before) => this.wanted(key, body, before),
      restored: (_key, value) => asItWas(definitions, value, this.clock.now()),
      show: (stored) => stored.map((one) => this.#shown(one)),
    });
  }

  /** What is to become of a computed trait by what is sent. */
  wanted(
    key: string,
    { name, description, query }: TraitBody,
    before: StoredTrait | undefined,
  ): Result<Change<TraitMessage>, ApiFailure> {
    const parsed = parseComputedTrait(query);
    if (!parsed.ok) {
      const { message, line, column } = parsed.error;
      return failed({ code: 'invalid_query', message, details: [{ field: 'query', line, column }] });
    }
    const updatedAt = toInstant(this.clock.now());
    const trait: TraitMessage = {
      workspaceId: currentWorkspace(),
      key,
      name,
      ...(description === undefined ? {} : { description }),
      query: printComputedTrait(parsed.value),
      createdAt: before?.value.createdAt ?? updatedAt,
      updatedAt,
    };
    return ok(before && isSame(before.value, trait) ? 'keep' : { put: trait });
  }

  #shown(stored: StoredTrait): ShownTrait {
    const trait = traitIn(stored.value);
    return toShownTrait(
      stored,
      trait,
      this.aggregates.progressOf(currentWorkspace(), aggregatesOfTrait(trait)),
    );
  }
}

/** The trait of a definition that was checked when it was put in force. */
function traitIn({ key, query }: TraitMessage): ComputedTrait {
  const parsed = parseComputedTrait(query);
  if (!parsed.ok)
    throw new Error(`the computed trait ${key} in force cannot be read: ${parsed.error.message}`);
  return parsed.value;
}

function isSame(a: TraitMessage, b: TraitMessage): boolean {
  return a.name === b.name && a.description === b.description && a.query === b.query;
}
