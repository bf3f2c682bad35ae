import { Inject, Injectable } from '@nestjs/common';
import { aggregatesOfTrait, isScore, parseTrait, printTrait, type ComputedTrait } from '@tributary/audiences';
import type { ScoreBordersMessage, TraitMessage } from '@tributary/contracts';
import {
  ControlPlane,
  type Change,
  type ControlTables,
  type Definitions,
  type Statements,
} from '@tributary/control';
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
import { rankersOf, scoreFault, traitsByKey } from './score-faults.js';
import { SCORE_BORDERS, TRAITS, type StoredTrait } from './trait.kind.js';

const NOT_FOUND: ApiFailure = { code: 'trait_not_found', message: 'Computed trait was not found.' };

/** A computed trait that was put, and how. */
export interface PutTrait extends Outcome {
  readonly trait: ShownTrait;
}

@Injectable()
export class TraitsService {
  readonly #definitions: Definitions<TraitMessage>;
  readonly #borders: Definitions<ScoreBordersMessage>;

  constructor(
    plane: ControlPlane,
    private readonly changes: DefinitionChanges,
    private readonly aggregates: KafkaActiveAggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#definitions = plane.definitions(TRAITS);
    this.#borders = plane.definitions(SCORE_BORDERS);
  }

  async find(key: string): Promise<Result<ShownTrait, ApiFailure>> {
    const stored = await this.#definitions.find(key);
    return stored ? ok(await this.#shown(stored)) : failed(NOT_FOUND);
  }

  async list(query: PageQuery): Promise<Result<Page<ShownTrait>, ApiFailure>> {
    const all = await this.#definitions.all();
    const page = pageIn(all, query, { list: 'traits' }, ({ value }) => value.key);
    if (!page.ok) return page;
    return ok({
      ...page.value,
      data: await Promise.all(page.value.data.map((stored) => this.#shown(stored))),
    });
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
    { name, description, query }: TraitBody,
    before: StoredTrait | undefined,
  ): Result<Change<TraitMessage>, ApiFailure> {
    const parsed = parseTrait(query);
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
      query: printTrait(parsed.value),
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
    const put = { ...value, updatedAt: toInstant(this.clock.now()) };
    return this.#change(key, by, preconditions, () => ok({ put }));
  }

  async versions(key: string, query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    return versionsPage(this.#definitions, key, query, ({ workspaceId: _workspaceId, ...trait }) => trait);
  }

  async remove(key: string, preconditions: Preconditions, by: ByWhom): Promise<Result<Outcome, ApiFailure>> {
    return this.changes.change(this.#definitions, key, by, async (before, statements) => {
      if (!before) return failed(NOT_FOUND);
      const mismatch = mismatchOf('trait', before, preconditions);
      if (mismatch) return failed(mismatch);
      const rankers = rankersOf(key, traitsByKey(await this.#queries(statements)));
      return rankers.length > 0 ? failed(inUse(key, rankers)) : ok('remove' as const);
    });
  }

  async #change(
    key: string,
    by: ByWhom,
    preconditions: Preconditions,
    decide: (before: StoredTrait | undefined) => Result<Change<TraitMessage>, ApiFailure>,
  ): Promise<Result<PutTrait, ApiFailure>> {
    const changed = await this.changes.change(this.#definitions, key, by, async (before, statements) => {
      const mismatch = mismatchOf('trait', before, preconditions);
      if (mismatch) return failed(mismatch);
      const decided = decide(before);
      if (!decided.ok || typeof decided.value !== 'object') return decided;
      const fault = await this.#faultAmong(statements, key, decided.value.put);
      return fault ? failed(fault) : decided;
    });
    if (!changed.ok) return changed;
    const { before, definition, isUnderWay } = changed.value;
    return definition
      ? ok({ trait: await this.#shown(definition), created: !before, isUnderWay })
      : failed(NOT_FOUND);
  }

  async #queries(statements: Statements<ControlTables>) {
    const all = await this.#definitions.allIn(statements);
    return all.map(({ id, value }) => [id, value.query] as const);
  }

  /** What is wrong among all traits of the workspace once this one is put. */
  async #faultAmong(
    statements: Statements<ControlTables>,
    key: string,
    { query }: TraitMessage,
  ): Promise<ApiFailure | undefined> {
    const traits = traitsByKey([...(await this.#queries(statements)), [key, query]]);
    const fault = scoreFault(key, traits);
    // What a score names stands at its beginning.
    if (fault !== undefined) return faultAt(1, 1, fault);
    const [ranker] = rankersOf(key, traits).filter((other) => scoreFault(other, traits) !== undefined);
    if (ranker === undefined) return undefined;
    return faultAt(1, 1, `the score "${ranker}" ranks this trait: ${scoreFault(ranker, traits) ?? ''}`);
  }

  /** A score is live when its borders are those of the definitions in force. */
  async #shown(stored: StoredTrait): Promise<ShownTrait> {
    const trait = traitIn(stored.value.query, stored.value.key);
    if (!isScore(trait)) return toShownTrait(stored, { trait, progress: this.#progressOf(trait) });
    const [ranked, borders] = await Promise.all([
      this.#definitions.find(trait.ranks),
      this.#borders.find(stored.id),
    ]);
    if (!ranked) return toShownTrait(stored, { progress: 0 });
    const of = traitIn(ranked.value.query, trait.ranks);
    const progress = isScore(of) ? 0 : this.#progressOf(of);
    const isOfThese =
      borders?.value.query === stored.value.query && borders.value.rankedQuery === ranked.value.query;
    return toShownTrait(stored, { progress, borders: isOfThese ? borders.value : undefined });
  }

  #progressOf(trait: ComputedTrait): number {
    return this.aggregates.progressOf(currentWorkspace(), aggregatesOfTrait(trait));
  }
}

function faultAt(line: number, column: number, fault: string): ApiFailure {
  const message = `line ${line}, column ${column}: ${fault}`;
  return { code: 'invalid_query', message, details: [{ field: 'query', line, column }] };
}

function inUse(key: string, rankers: readonly string[]): ApiFailure {
  const names = rankers.map((one) => `"${one}"`).join(', ');
  return {
    code: 'trait_in_use',
    message: `The computed trait "${key}" is ranked by ${names}. Remove ${rankers.length === 1 ? 'that score' : 'those scores'} first.`,
    details: { scores: rankers },
  };
}

/** The trait of a definition that was checked when it was put in force. */
function traitIn(query: string, key: string) {
  const parsed = parseTrait(query);
  if (!parsed.ok)
    throw new Error(`the computed trait ${key} in force cannot be read: ${parsed.error.message}`);
  return parsed.value;
}

function isSame(a: TraitMessage, b: TraitMessage): boolean {
  return a.name === b.name && a.description === b.description && a.query === b.query;
}
