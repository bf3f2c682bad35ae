import { Inject, Injectable } from '@nestjs/common';
import { aggregatesOfTrait, isScore, parseTrait, printTrait, type ComputedTrait } from '@tributary/audiences';
import type { AudienceMessage, ScoreBordersMessage, TraitMessage } from '@tributary/contracts';
import {
  ControlPlane,
  type Change,
  type ControlTables,
  type Definitions,
  type Statements,
} from '@tributary/control';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { AUDIENCES } from '../audiences/audience.kind.js';
import { KafkaActiveAggregates } from '../audiences/kafka.active-aggregates.js';
import { audiencesReading, namedIn, newFaults } from '../audiences/references.js';
import { DefinitionChanges } from '../control/definition-changes.js';
import { asItWas, DefinitionResource, type Decision } from '../control/definition-resource.js';
import type { ApiFailure } from '../http/api.errors.js';
import type { PageQuery } from '../http/page.dto.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { rankersOf, scoreFault, traitsByKey } from './score-faults.js';
import { toShownTrait, type ShownTrait, type TraitBody, type TraitKey } from './trait.dto.js';
import { SCORE_BORDERS, TRAITS, type StoredTrait } from './trait.kind.js';

const NOT_FOUND: ApiFailure = { code: 'trait_not_found', message: 'Computed trait was not found.' };

const SCORE_OF_ACCOUNTS = 'a score ranks people: leave out "of", or compute the trait from events';

@Injectable()
export class TraitsService {
  readonly resource: DefinitionResource<TraitMessage, TraitKey, PageQuery, TraitBody, ShownTrait>;
  readonly #definitions: Definitions<TraitMessage>;
  readonly #borders: Definitions<ScoreBordersMessage>;
  readonly #audiences: Definitions<AudienceMessage>;

  constructor(
    plane: ControlPlane,
    changes: DefinitionChanges,
    private readonly aggregates: KafkaActiveAggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#definitions = plane.definitions(TRAITS);
    this.#borders = plane.definitions(SCORE_BORDERS);
    this.#audiences = plane.definitions(AUDIENCES);
    this.resource = new DefinitionResource(this.#definitions, changes, {
      what: 'trait',
      list: 'traits',
      idOf: ({ key }) => key,
      missing: () => NOT_FOUND,
      wanted: (key, body, before, statements) => this.#among(statements, key, this.wanted(key, body, before)),
      restored: (key, value, _before, statements) =>
        this.#among(statements, key, asItWas(this.#definitions, value, this.clock.now())),
      removal: ({ id }, statements) => this.#removal(id, statements),
      show: (stored) => Promise.all(stored.map((one) => this.#shown(one))),
    });
  }

  /** What is to become of a computed trait by what is sent. */
  wanted(
    key: string,
    { name, description, query, of }: TraitBody,
    before: StoredTrait | undefined,
  ): Result<Change<TraitMessage>, ApiFailure> {
    const parsed = parseTrait(query);
    if (!parsed.ok) {
      const { message, line, column } = parsed.error;
      return failed({ code: 'invalid_query', message, details: [{ field: 'query', line, column }] });
    }
    if (of === 'accounts' && isScore(parsed.value)) return failed(faultAt(1, 1, SCORE_OF_ACCOUNTS));
    const updatedAt = toInstant(this.clock.now());
    const trait: TraitMessage = {
      workspaceId: currentWorkspace(),
      key,
      name,
      ...(description === undefined ? {} : { description }),
      query: printTrait(parsed.value),
      ...(of === 'accounts' && { of }),
      createdAt: before?.value.createdAt ?? updatedAt,
      updatedAt,
    };
    return ok(before && isSame(before.value, trait) ? 'keep' : { put: trait });
  }

  async #removal(
    key: string,
    statements: Statements<ControlTables>,
  ): Promise<Awaited<Decision<TraitMessage>>> {
    const rankers = rankersOf(key, traitsByKey(await this.#queries(statements)));
    if (rankers.length > 0) return failed(inUse(key, rankers));
    const { audiences, traits } = await this.#inForce(statements);
    const readers = audiencesReading(key, namedIn(audiences, traits));
    return readers.length > 0 ? failed(readBy(key, readers)) : ok('remove');
  }

  /** A change, unless something is wrong among all traits of the workspace once it is made. */
  async #among(
    statements: Statements<ControlTables>,
    key: string,
    change: Result<Change<TraitMessage>, ApiFailure>,
  ): Promise<Result<Change<TraitMessage>, ApiFailure>> {
    if (!change.ok || typeof change.value !== 'object') return change;
    const { put } = change.value;
    const others = (await this.#queries(statements)).filter(([other]) => other !== key);
    const traits = traitsByKey(put.of === 'accounts' ? others : [...others, [key, put.query]]);
    const fault = scoreFault(key, traits);
    // What a score names stands at its beginning.
    if (fault !== undefined) return failed(faultAt(1, 1, fault));
    const [ranker] = rankersOf(key, traits).filter((other) => scoreFault(other, traits) !== undefined);
    if (ranker !== undefined) {
      return failed(
        faultAt(1, 1, `the score "${ranker}" ranks this trait: ${scoreFault(ranker, traits) ?? ''}`),
      );
    }
    return this.#amongAudiences(statements, key, put);
  }

  /** A trait, unless an audience reads one of this key and could not read this one. */
  async #amongAudiences(
    statements: Statements<ControlTables>,
    key: string,
    put: TraitMessage,
  ): Promise<Result<Change<TraitMessage>, ApiFailure>> {
    const { audiences, traits } = await this.#inForce(statements);
    const before = namedIn(audiences, traits);
    const [reader] = audiencesReading(key, before);
    if (reader !== undefined && put.of === 'accounts')
      return failed(faultAt(1, 1, `the audience "${reader}" reads this trait: it has to be of people`));
    const after = namedIn(audiences, new Map(traits).set(key, put));
    const [broken] = newFaults(before, after);
    if (!broken) return ok({ put });
    return failed(faultAt(1, 1, `the audience "${broken[0]}" reads this trait: ${broken[1].reason}`));
  }

  async #inForce(statements: Statements<ControlTables>) {
    const audiences = await this.#audiences.allIn(statements);
    const traits = await this.#definitions.allIn(statements);
    return {
      audiences: new Map(audiences.map(({ id, value }) => [id, value])),
      traits: new Map(traits.map(({ id, value }) => [id, value])),
    };
  }

  /** Of the traits of people: others are no scores, and not ranked. */
  async #queries(statements: Statements<ControlTables>) {
    const all = await this.#definitions.allIn(statements);
    return all.flatMap(({ id, value }) => (value.of === 'accounts' ? [] : [[id, value.query] as const]));
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

function readBy(key: string, readers: readonly string[]): ApiFailure {
  const names = readers.map((one) => `"${one}"`).join(', ');
  return {
    code: 'trait_in_use',
    message: `The computed trait "${key}" is read by the audiences ${names}. Change or remove them first.`,
    details: { audiences: readers },
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
  return a.name === b.name && a.description === b.description && a.query === b.query && a.of === b.of;
}
