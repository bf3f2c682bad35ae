import { Inject, Injectable } from '@nestjs/common';
import { checkDefinition, parseQuery, printQuery, type AudienceDefinition } from '@tributary/audiences';
import type { AudienceMessage } from '@tributary/contracts';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import { mismatchOf, type Preconditions } from '../control/changes.js';
import { ApiError, type ApiFailure } from '../http/api.errors.js';
import { keyBefore, pageIn, pageOf, type Page } from '../http/page.js';
import type { PageQuery } from '../http/page.dto.js';
import {
  definitionIn,
  toShownAudience,
  type AudienceBody,
  type Member,
  type ShownAudience,
} from './audience.dto.js';
import { ClickHouseMemberships } from './clickhouse.memberships.js';
import { KafkaActiveAggregates } from './kafka.active-aggregates.js';
import { KafkaAudienceCatalog, type StoredAudience } from './kafka.audience-catalog.js';

/** For what profile-builder does in some tens of milliseconds. */
const LIVE_WITHIN_MS = 5_000;

@Injectable()
export class AudiencesService {
  constructor(
    private readonly catalog: KafkaAudienceCatalog,
    private readonly aggregates: KafkaActiveAggregates,
    private readonly memberships: ClickHouseMemberships,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async find(key: string): Promise<Result<ShownAudience, ApiFailure>> {
    const stored = this.#stored(key);
    return stored.ok ? ok(await this.#shown(stored.value)) : stored;
  }

  async list(query: PageQuery): Promise<Result<Page<ShownAudience>, ApiFailure>> {
    const page = pageIn(this.catalog.all(), query, { list: 'audiences' }, ({ value }) => value.key);
    if (!page.ok) return page;
    const sizes = await this.#sizes(page.value.data);
    const data = page.value.data.map((stored) => this.#toShown(stored, sizes));
    return ok({ ...page.value, data });
  }

  async members(key: string, { limit, cursor }: PageQuery): Promise<Result<Page<Member>, ApiFailure>> {
    const stored = this.#stored(key);
    if (!stored.ok) return stored;
    const scope = { list: 'members', filter: { key } };
    const after = keyBefore(cursor, scope);
    if (!after.ok) return after;
    const members = await this.memberships.members(key, after.value, limit + 1);
    return ok(pageOf(members, limit, scope, ({ profileId }) => profileId));
  }

  /**
   * Puts an audience in force; one that is in force as sent is left as it is. It is live when this resolves, unless
   * profile-builder takes its time: then it is building.
   */
  async put(
    key: string,
    body: AudienceBody,
    preconditions: Preconditions,
  ): Promise<Result<{ readonly audience: ShownAudience; readonly created: boolean }, ApiFailure>> {
    const definition = definitionOf(body);
    if (!definition.ok) return definition;
    const put = await this.catalog.inTurn(() => this.#put(key, body, definition.value, preconditions));
    if (!put.ok) return put;
    await this.aggregates.untilLive(definition.value, LIVE_WITHIN_MS);
    const { stored, created } = put.value;
    return ok({ audience: await this.#shown(stored), created });
  }

  async #put(
    key: string,
    body: AudienceBody,
    definition: AudienceDefinition,
    preconditions: Preconditions,
  ): Promise<Result<{ readonly stored: StoredAudience; readonly created: boolean }, ApiFailure>> {
    const before = this.catalog.find(key);
    const mismatch = mismatchOf('audience', before, preconditions);
    if (mismatch) return failed(mismatch);
    const audience = this.#message(key, body, definition, before);
    if (before && isSame(before.value, audience)) return ok({ stored: before, created: false });
    const stored = await this.catalog.put(key, audience);
    return stored.ok ? ok({ stored: stored.value, created: !before }) : stored;
  }

  async remove(key: string, preconditions: Preconditions): Promise<Result<unknown, ApiFailure>> {
    return this.catalog.inTurn(async () => {
      const stored = this.#stored(key);
      if (!stored.ok) return stored;
      const mismatch = mismatchOf('audience', stored.value, preconditions);
      if (mismatch) return failed(mismatch);
      return this.catalog.remove(key);
    });
  }

  #stored(key: string): Result<StoredAudience, ApiFailure> {
    const stored = this.catalog.find(key);
    return stored ? ok(stored) : failed({ code: 'audience_not_found', message: 'Audience was not found.' });
  }

  #message(
    key: string,
    { name, description }: AudienceBody,
    definition: AudienceDefinition,
    before: StoredAudience | undefined,
  ): AudienceMessage {
    const updatedAt = toInstant(this.clock.now());
    return {
      workspaceId: this.config.TRIBUTARY_WORKSPACE,
      key,
      name,
      ...(description === undefined ? {} : { description }),
      query: printQuery(definition),
      definition: { ...definition },
      createdAt: before?.value.createdAt ?? updatedAt,
      updatedAt,
    };
  }

  async #shown(stored: StoredAudience): Promise<ShownAudience> {
    return this.#toShown(stored, await this.#sizes([stored]));
  }

  #toShown(stored: StoredAudience, sizes: ReadonlyMap<string, number> | undefined): ShownAudience {
    const isLive = this.aggregates.isLive(definitionIn(stored.value));
    return toShownAudience(stored, { size: sizeIn(sizes, stored), isLive });
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

function definitionOf({ query, definition }: AudienceBody): Result<AudienceDefinition, ApiFailure> {
  if ((query === undefined) === (definition === undefined)) {
    return failed({ code: 'invalid_request', message: 'Send either query or definition.' });
  }
  const parsed = query === undefined ? checkDefinition(definition) : parseQuery(query);
  if (parsed.ok) return parsed;
  const { message, problems, ...place } = parsed.error;
  const details = problems?.map(({ path, reason }) => ({ field: path, message: reason }));
  return failed({ code: 'invalid_query', message, details: details ?? [{ field: 'query', ...place }] });
}

function isSame(a: AudienceMessage, b: AudienceMessage): boolean {
  return a.name === b.name && a.description === b.description && a.query === b.query;
}

function sizeIn(sizes: ReadonlyMap<string, number> | undefined, { value }: StoredAudience): number | null {
  return sizes ? (sizes.get(value.key) ?? 0) : null;
}
