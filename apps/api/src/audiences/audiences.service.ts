import { Inject, Injectable } from '@nestjs/common';
import {
  checkDefinition,
  parseQuery,
  printQuery,
  wantedBy,
  type AudienceDefinition,
} from '@tributary/audiences';
import type { AudienceMessage } from '@tributary/contracts';
import { ControlPlane, DatabaseAwayError, type Change, type Definitions } from '@tributary/control';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, LOGGER, type Logger } from '@tributary/service';
import { mismatchOf, type Preconditions } from '../control/changes.js';
import { DefinitionChanges, type ByWhom } from '../control/definition-changes.js';
import { noVersion, versionsPage, type ShownVersion } from '../control/versions.dto.js';
import type { Outcome } from '../http/reply.js';
import { ApiError, type ApiFailure } from '../http/api.errors.js';
import { keyBefore, pageIn, pageOf, type Page } from '../http/page.js';
import type { PageQuery } from '../http/page.dto.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { AUDIENCES, type StoredAudience } from './audience.kind.js';
import {
  definitionIn,
  toShownAudience,
  type AudienceBody,
  type Member,
  type ShownAudience,
} from './audience.dto.js';
import { ClickHouseMemberships } from './clickhouse.memberships.js';
import { KafkaActiveAggregates } from './kafka.active-aggregates.js';

/** For what takes some seconds where little happened before; longer than this nobody waits for an answer. */
const LIVE_WITHIN_MS = 5_000;

const NOT_FOUND: ApiFailure = { code: 'audience_not_found', message: 'Audience was not found.' };

/** An audience that was put, and how. */
export interface PutAudience extends Outcome {
  readonly audience: ShownAudience;
}

@Injectable()
export class AudiencesService {
  readonly #definitions: Definitions<AudienceMessage>;

  constructor(
    plane: ControlPlane,
    private readonly changes: DefinitionChanges,
    private readonly aggregates: KafkaActiveAggregates,
    private readonly memberships: ClickHouseMemberships,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#definitions = plane.definitions(AUDIENCES);
  }

  async find(key: string): Promise<Result<ShownAudience, ApiFailure>> {
    const stored = await this.#stored(key);
    return stored.ok ? ok(await this.#shown(stored.value)) : stored;
  }

  async list(query: PageQuery): Promise<Result<Page<ShownAudience>, ApiFailure>> {
    const page = pageIn(
      await this.#definitions.all(),
      query,
      { list: 'audiences' },
      ({ value }) => value.key,
    );
    if (!page.ok) return page;
    const sizes = await this.#sizes(page.value.data);
    const data = page.value.data.map((stored) => this.#toShown(stored, sizes));
    return ok({ ...page.value, data });
  }

  async members(key: string, { limit, cursor }: PageQuery): Promise<Result<Page<Member>, ApiFailure>> {
    const stored = await this.#stored(key).catch(unlessAway);
    if (stored && !stored.ok) return stored;
    const scope = { list: 'members', filter: { key } };
    const after = keyBefore(cursor, scope);
    if (!after.ok) return after;
    const members = await this.memberships.members(key, after.value, limit + 1);
    return ok(pageOf(members, limit, scope, ({ profileId }) => profileId));
  }

  /**
   * Puts an audience in force; one that is in force as sent is left as it is. It is live when this resolves, unless what was
   * before takes its time: then it is building.
   */
  async put(
    key: string,
    body: AudienceBody,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutAudience, ApiFailure>> {
    return this.#change(key, by, preconditions, (before) => this.wanted(key, body, before));
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

  /** Puts a version in force once more, as a new one; also of an audience that was removed. */
  async restore(
    key: string,
    version: number,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutAudience, ApiFailure>> {
    const found = await this.#definitions.version(key, version);
    const value = found?.value;
    if (!value) return failed(noVersion(version));
    const fault = AUDIENCES.faultOf?.(value);
    if (fault !== undefined) return failed({ code: 'invalid_query', message: fault });
    return this.#change(key, by, preconditions, () =>
      ok({ put: { ...value, updatedAt: toInstant(this.clock.now()) } }),
    );
  }

  async versions(key: string, query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    return versionsPage(
      this.#definitions,
      key,
      query,
      ({ workspaceId: _workspaceId, ...audience }) => audience,
    );
  }

  async remove(key: string, preconditions: Preconditions, by: ByWhom): Promise<Result<Outcome, ApiFailure>> {
    return this.changes.change(this.#definitions, key, by, (before) => {
      if (!before) return failed(NOT_FOUND);
      const mismatch = mismatchOf('audience', before, preconditions);
      return mismatch ? failed(mismatch) : ok('remove' as const);
    });
  }

  async #change(
    key: string,
    by: ByWhom,
    preconditions: Preconditions,
    decide: (before: StoredAudience | undefined) => Result<Change<AudienceMessage>, ApiFailure>,
  ): Promise<Result<PutAudience, ApiFailure>> {
    const changed = await this.changes.change(this.#definitions, key, by, (before) => {
      const mismatch = mismatchOf('audience', before, preconditions);
      return mismatch ? failed(mismatch) : decide(before);
    });
    if (!changed.ok) return changed;
    const { before, definition: stored, isUnderWay } = changed.value;
    if (!stored) return failed(NOT_FOUND);
    if (!isUnderWay)
      await this.aggregates.untilLive(
        currentWorkspace(),
        wantedBy(definitionIn(stored.value)),
        LIVE_WITHIN_MS,
      );
    return ok({ audience: await this.#shown(stored), created: !before, isUnderWay });
  }

  async #stored(key: string): Promise<Result<StoredAudience, ApiFailure>> {
    const stored = await this.#definitions.find(key);
    return stored ? ok(stored) : failed(NOT_FOUND);
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

  async #shown(stored: StoredAudience): Promise<ShownAudience> {
    return this.#toShown(stored, await this.#sizes([stored]));
  }

  #toShown(stored: StoredAudience, sizes: ReadonlyMap<string, number> | undefined): ShownAudience {
    const progress = this.aggregates.progressOf(currentWorkspace(), wantedBy(definitionIn(stored.value)));
    return toShownAudience(stored, { size: sizeIn(sizes, stored), progress });
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
