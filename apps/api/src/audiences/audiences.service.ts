import { Inject, Injectable } from '@nestjs/common';
import { printQuery, wantedBy, type AudienceDefinition } from '@tributary/audiences';
import type { AudienceMessage } from '@tributary/contracts';
import { ControlPlane, DatabaseAwayError, type Change } from '@tributary/control';
import { ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, LOGGER, type Logger } from '@tributary/service';
import { DefinitionChanges } from '../control/definition-changes.js';
import { asItWas, DefinitionResource } from '../control/definition-resource.js';
import { ApiError, type ApiFailure } from '../http/api.errors.js';
import { keyBefore, pageOf, type Page } from '../http/page.js';
import type { PageQuery } from '../http/page.dto.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { AUDIENCES, type StoredAudience } from './audience.kind.js';
import {
  definitionIn,
  toShownAudience,
  type AudienceBody,
  type AudienceKey,
  namesIn,
  type Member,
  type MembersQuery,
  type ShownAudience,
} from './audience.dto.js';
import { ClickHouseMemberships } from './clickhouse.memberships.js';
import { KafkaActiveAggregates } from './kafka.active-aggregates.js';
import { definitionOf } from './sent-definition.js';

/** For what takes some seconds where little happened before; longer than this nobody waits for an answer. */
const LIVE_WITHIN_MS = 5_000;

const NOT_FOUND: ApiFailure = { code: 'audience_not_found', message: 'Audience was not found.' };

@Injectable()
export class AudiencesService {
  readonly resource: DefinitionResource<AudienceMessage, AudienceKey, PageQuery, AudienceBody, ShownAudience>;

  constructor(
    plane: ControlPlane,
    changes: DefinitionChanges,
    private readonly aggregates: KafkaActiveAggregates,
    private readonly memberships: ClickHouseMemberships,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const definitions = plane.definitions(AUDIENCES);
    this.resource = new DefinitionResource(definitions, changes, {
      what: 'audience',
      list: 'audiences',
      idOf: ({ key }) => key,
      missing: () => NOT_FOUND,
      wanted: (key, body, before) => this.wanted(key, body, before),
      restored: (_key, value) => asItWas(definitions, value, this.clock.now()),
      show: (stored) => this.#shown(stored),
      // It is live when its answer comes, unless what was before takes its time: then it is building.
      whenInForce: ({ value }) =>
        this.aggregates.untilLive(currentWorkspace(), wantedBy(definitionIn(value)), LIVE_WITHIN_MS),
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
    const members = await this.memberships.members(key, namesIn(traits), {
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
    return stored.map((one) => {
      const progress = this.aggregates.progressOf(currentWorkspace(), wantedBy(definitionIn(one.value)));
      return toShownAudience(one, { size: sizeIn(sizes, one), progress });
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
