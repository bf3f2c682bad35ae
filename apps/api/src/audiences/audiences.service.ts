import { Inject, Injectable } from '@nestjs/common';
import { printQuery, wantedBy, type AudienceDefinition, type WantedAggregate } from '@tributary/audiences';
import type { AudienceMessage, TraitMessage } from '@tributary/contracts';
import {
  ControlPlane,
  DatabaseAwayError,
  type Change,
  type ControlTables,
  type Definitions,
  type Statements,
} from '@tributary/control';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, LOGGER, type Logger } from '@tributary/service';
import { DefinitionChanges } from '../control/definition-changes.js';
import { asItWas, DefinitionResource, type Decision } from '../control/definition-resource.js';
import { ApiError, type ApiFailure } from '../http/api.errors.js';
import { keyBefore, pageOf, type Page } from '../http/page.js';
import type { PageQuery } from '../http/page.dto.js';
import { TRAITS } from '../traits/trait.kind.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { AUDIENCES, type StoredAudience } from './audience.kind.js';
import {
  definitionIn,
  toShownAudience,
  type AudienceBody,
  type AudienceKey,
  traitNamesIn,
  type Member,
  type MembersQuery,
  type ShownAudience,
} from './audience.dto.js';
import { ClickHouseMemberships } from './clickhouse.memberships.js';
import { grainIn } from './grain.js';
import { KafkaActiveAggregates } from './kafka.active-aggregates.js';
import { audiencesNaming, namedIn, newFaults } from './references.js';
import { ResolvedDefinitions, valuesOf } from './resolved-definitions.js';
import { definitionOf, faultAt, type SentDefinition } from './sent-definition.js';

/** For what takes some seconds where little happened before; longer than this nobody waits for an answer. */
const LIVE_WITHIN_MS = 5_000;

const NOT_FOUND: ApiFailure = { code: 'audience_not_found', message: 'Audience was not found.' };

@Injectable()
export class AudiencesService {
  readonly resource: DefinitionResource<AudienceMessage, AudienceKey, PageQuery, AudienceBody, ShownAudience>;

  readonly #definitions: Definitions<AudienceMessage>;
  readonly #traits: Definitions<TraitMessage>;

  constructor(
    plane: ControlPlane,
    changes: DefinitionChanges,
    private readonly aggregates: KafkaActiveAggregates,
    private readonly memberships: ClickHouseMemberships,
    private readonly resolved: ResolvedDefinitions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const definitions = plane.definitions(AUDIENCES);
    this.#definitions = definitions;
    this.#traits = plane.definitions(TRAITS);
    this.resource = new DefinitionResource(definitions, changes, {
      what: 'audience',
      list: 'audiences',
      idOf: ({ key }) => key,
      missing: () => NOT_FOUND,
      wanted: (key, body, before, statements) =>
        this.#among(statements, key, this.wanted(key, body, before), body),
      restored: (key, value, _before, statements) =>
        this.#among(statements, key, asItWas(definitions, value, this.clock.now()), value),
      removal: ({ id }, statements) => this.#removal(id, statements),
      show: (stored) => this.#shown(stored),
      // It is live when its answer comes, unless what was before takes its time: then it is building.
      whenInForce: async ({ value }) => {
        const [wanted = []] = await this.#wantedBy([value]);
        await this.aggregates.untilLive(currentWorkspace(), wanted, LIVE_WITHIN_MS);
      },
    });
  }

  async members(
    key: string,
    { limit, cursor, traits }: MembersQuery,
  ): Promise<Result<Page<Member>, ApiFailure>> {
    const there = await this.isThere(key);
    if (!there.ok) return there;
    const scope = { list: 'members', filter: { key } };
    const after = keyBefore(cursor, scope);
    if (!after.ok) return after;
    const members = await this.memberships.members(key, traitNamesIn(traits), {
      after: after.value,
      limit: limit + 1,
    });
    return ok(pageOf(members, limit, scope, ({ profileId }) => profileId));
  }

  /** Fails where there is no such audience, as far as the database can say. */
  async isThere(key: string): Promise<Result<undefined, ApiFailure>> {
    const stored = await this.resource.stored({ key }).catch(unlessAway);
    return stored && !stored.ok ? stored : ok(undefined);
  }

  /** What is to become of an audience by what is sent. */
  wanted(
    key: string,
    body: AudienceBody,
    before: StoredAudience | undefined,
  ): Result<Change<AudienceMessage>, ApiFailure> {
    const definition = definitionOf(body);
    if (!definition.ok) return definition;
    const audience = this.#message(key, body, definition.value, before);
    return ok(before && isSame(before.value, audience) ? 'keep' : { put: audience });
  }

  /** A change, unless it names what is not there, or something that names the audience would mean nothing. */
  async #among(
    statements: Statements<ControlTables>,
    key: string,
    change: Result<Change<AudienceMessage>, ApiFailure>,
    sent: SentDefinition,
  ): Promise<Result<Change<AudienceMessage>, ApiFailure>> {
    if (!change.ok || typeof change.value !== 'object') return change;
    const { audiences, traits } = await this.#inForce(statements);
    const after = new Map(audiences).set(key, change.value.put);
    const faults = newFaults(namedIn(audiences, traits), namedIn(after, traits));
    const own = faults.get(key);
    if (own) return failed(faultAt(sent, own));
    const [other] = faults;
    if (!other) return change;
    const [reader, { reason }] = other;
    return failed(
      faultAt(sent, { nth: 0, reason: `the audience "${reader}" is made of this one: ${reason}` }),
    );
  }

  async #removal(
    key: string,
    statements: Statements<ControlTables>,
  ): Promise<Awaited<Decision<AudienceMessage>>> {
    const { audiences } = await this.#inForce(statements);
    const readers = audiencesNaming(key, namedIn(audiences, new Map()));
    return readers.length > 0 ? failed(inUse(key, readers)) : ok('remove');
  }

  async #inForce(statements: Statements<ControlTables>) {
    const audiences = await this.#definitions.allIn(statements);
    const traits = await this.#traits.allIn(statements);
    return { audiences: valuesOf(audiences), traits: valuesOf(traits) };
  }

  /** What audiences read, each with what it names. */
  async #wantedBy(all: readonly AudienceMessage[]): Promise<readonly (readonly WantedAggregate[])[]> {
    return (await this.resolved.of(all.map(definitionIn))).map(wantedBy);
  }

  #message(
    key: string,
    { name, description }: AudienceBody,
    definition: AudienceDefinition,
    before: StoredAudience | undefined,
  ): AudienceMessage {
    const updatedAt = toInstant(this.clock.now());
    return {
      workspaceId: currentWorkspace(),
      key,
      name,
      ...(description === undefined ? {} : { description }),
      query: printQuery(definition),
      definition: { ...definition },
      createdAt: before?.value.createdAt ?? updatedAt,
      updatedAt,
    };
  }

  async #shown(stored: readonly StoredAudience[]): Promise<readonly ShownAudience[]> {
    const sizes = await this.#sizes(stored);
    const wanted = await this.#wantedBy(stored.map(({ value }) => value));
    return stored.map((one, i) => {
      const read = wanted[i] ?? [];
      const progress = this.aggregates.progressOf(currentWorkspace(), read);
      return toShownAudience(one, { size: sizeIn(sizes, one), progress, grainMs: grainIn(read) });
    });
  }

  /** Definitions are there without ClickHouse; their sizes are not, and wait for it. */
  async #sizes(stored: readonly StoredAudience[]): Promise<ReadonlyMap<string, number> | undefined> {
    const keys = stored.map(({ value }) => value.key);
    try {
      return await this.memberships.sizes(keys);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.logger.warn({ err: error.cause }, 'sizes of audiences are unknown');
      return undefined;
    }
  }
}

function inUse(key: string, readers: readonly string[]): ApiFailure {
  const names = readers.map((one) => `"${one}"`).join(', ');
  const which = readers.length === 1 ? 'that audience' : 'those audiences';
  return {
    code: 'audience_in_use',
    message: `The audience "${key}" is named by ${names}. Change or remove ${which} first.`,
    details: { audiences: readers },
  };
}

/** Members are read without the database: only whether there is such an audience is not known then. */
function unlessAway(error: unknown): undefined {
  if (!(error instanceof DatabaseAwayError)) throw error;
}

function isSame(a: AudienceMessage, b: AudienceMessage): boolean {
  return a.name === b.name && a.description === b.description && a.query === b.query;
}

function sizeIn(sizes: ReadonlyMap<string, number> | undefined, { value }: StoredAudience): number | null {
  return sizes ? (sizes.get(value.key) ?? 0) : null;
}
