import { Inject, Injectable } from '@nestjs/common';
import {
  aggregatesOfTrait,
  parseComputedTrait,
  printComputedTrait,
  type ComputedTrait,
} from '@tributary/audiences';
import type { TraitMessage } from '@tributary/contracts';
import { ControlPlane, type Change, type Definitions } from '@tributary/control';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { KafkaActiveAggregates } from '../audiences/kafka.active-aggregates.js';
import { mismatchOf, type Preconditions } from '../control/changes.js';
import { DefinitionChanges, type ByWhom } from '../control/definition-changes.js';
import { noVersion, versionsPage, type ShownVersion } from '../control/versions.dto.js';
import type { ApiFailure } from '../http/api.errors.js';
import type { PageQuery } from '../http/page.dto.js';
import { pageIn, type Page } from '../http/page.js';
import type { Outcome } from '../http/reply.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { toShownTrait, type ShownTrait, type TraitBody } from './trait.dto.js';
import { TRAITS, type StoredTrait } from './trait.kind.js';

const NOT_FOUND: ApiFailure = { code: 'trait_not_found', message: 'Computed trait was not found.' };

/** A computed trait that was put, and how. */
export interface PutTrait extends Outcome {
  readonly trait: ShownTrait;
}

@Injectable()
export class TraitsService {
  readonly #definitions: Definitions<TraitMessage>;

  constructor(
    plane: ControlPlane,
    private readonly changes: DefinitionChanges,
    private readonly aggregates: KafkaActiveAggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#definitions = plane.definitions(TRAITS);
  }

  async find(key: string): Promise<Result<ShownTrait, ApiFailure>> {
    const stored = await this.#definitions.find(key);
    return stored ? ok(this.#shown(stored)) : failed(NOT_FOUND);
  }

  async list(query: PageQuery): Promise<Result<Page<ShownTrait>, ApiFailure>> {
    const all = await this.#definitions.all();
    const page = pageIn(all, query, { list: 'traits' }, ({ value }) => value.key);
    if (!page.ok) return page;
    return ok({ ...page.value, data: page.value.data.map((stored) => this.#shown(stored)) });
  }

  /** Puts a computed trait in force; one that is in force as sent is left as it is. */
  async put(
    key: string,
    body: TraitBody,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutTrait, ApiFailure>> {
    return this.#change(key, by, preconditions, (before) => this.wanted(key, body, before));
  }

  /** What is to become of a computed trait by what is sent. */
  wanted(
    key: string,
    { name, description, query, of }: TraitBody,
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
      ...(of === 'accounts' && { of }),
      createdAt: before?.value.createdAt ?? updatedAt,
      updatedAt,
    };
    return ok(before && isSame(before.value, trait) ? 'keep' : { put: trait });
  }

  /** Puts a version in force once more, as a new one; also of a trait that was removed. */
  async restore(
    key: string,
    version: number,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutTrait, ApiFailure>> {
    const value = (await this.#definitions.version(key, version))?.value;
    if (!value) return failed(noVersion(version));
    const fault = TRAITS.faultOf?.(value);
    if (fault !== undefined) return failed({ code: 'invalid_query', message: fault });
    return this.#change(key, by, preconditions, () =>
      ok({ put: { ...value, updatedAt: toInstant(this.clock.now()) } }),
    );
  }

  async versions(key: string, query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    return versionsPage(this.#definitions, key, query, ({ workspaceId: _workspaceId, ...trait }) => trait);
  }

  async remove(key: string, preconditions: Preconditions, by: ByWhom): Promise<Result<Outcome, ApiFailure>> {
    return this.changes.change(this.#definitions, key, by, (before) => {
      if (!before) return failed(NOT_FOUND);
      const mismatch = mismatchOf('trait', before, preconditions);
      return mismatch ? failed(mismatch) : ok('remove' as const);
    });
  }

  async #change(
    key: string,
    by: ByWhom,
    preconditions: Preconditions,
    decide: (before: StoredTrait | undefined) => Result<Change<TraitMessage>, ApiFailure>,
  ): Promise<Result<PutTrait, ApiFailure>> {
    const changed = await this.changes.change(this.#definitions, key, by, (before) => {
      const mismatch = mismatchOf('trait', before, preconditions);
      return mismatch ? failed(mismatch) : decide(before);
    });
    if (!changed.ok) return changed;
    const { before, definition, isUnderWay } = changed.value;
    return definition
      ? ok({ trait: this.#shown(definition), created: !before, isUnderWay })
      : failed(NOT_FOUND);
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
  return a.name === b.name && a.description === b.description && a.query === b.query && a.of === b.of;
}
