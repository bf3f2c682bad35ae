import { Inject, Injectable } from '@nestjs/common';
import type { WorkspaceMessage } from '@tributary/contracts';
import { ControlPlane, Database, type Change, type ControlTables } from '@tributary/control';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import { isDeepStrictEqual } from 'node:util';
import type { ApiConfig } from '../api.config.js';
import type { Preconditions } from '../control/changes.js';
import { DefinitionChanges, type ByWhom } from '../control/definition-changes.js';
import { DefinitionResource, type Put } from '../control/definition-resource.js';
import type { ChangedDefinitions } from '../control/definition-routes.js';
import { Remembered } from '../control/remembered.js';
import type { ShownVersion } from '../control/versions.dto.js';
import type { ApiFailure } from '../http/api.errors.js';
import type { PageQuery } from '../http/page.dto.js';
import { pageIn, type Page } from '../http/page.js';
import { invalidRequest, problem } from '../http/problems.js';
import type { Outcome } from '../http/reply.js';
import { ClickHouseEventRate } from './clickhouse.event-rate.js';
import { COUNTED_KINDS, countsOf, limitsOf, workspaceNotFound } from './quotas.js';
import {
  WORKSPACE_ID,
  type ListedWorkspace,
  type ShownWorkspace,
  type WorkspaceBody,
  type WorkspaceId,
} from './workspace.dto.js';
import { WORKSPACES, type StoredWorkspace } from './workspace.kind.js';

const EPOCH = '1970-01-01T00:00:00.000Z';
const BUILT_IN_VERSION = -1;

/** The workspaces of the installation; the one of the settings is there without a definition. */
@Injectable()
export class WorkspacesService implements ChangedDefinitions<WorkspaceId, WorkspaceBody, ShownWorkspace> {
  readonly #resource: DefinitionResource<
    WorkspaceMessage,
    WorkspaceId,
    PageQuery,
    WorkspaceBody,
    ShownWorkspace
  >;
  readonly #own: string;
  /** Why requests are refused, by workspace. */
  readonly #refusals = new Remembered((id) => this.#refusalOf(id));
  readonly #removed: (() => void)[] = [];

  constructor(
    plane: ControlPlane,
    private readonly database: Database<ControlTables>,
    changes: DefinitionChanges,
    private readonly rate: ClickHouseEventRate,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {
    this.#own = config.TRIBUTARY_WORKSPACE;
    const definitions = plane.definitions(WORKSPACES, this.#own);
    this.#resource = new DefinitionResource(definitions, changes, {
      what: 'workspace',
      list: 'workspaces',
      idOf: ({ id }) => id,
      missing: workspaceNotFound,
      builtIn: () => this.#builtIn(),
      wanted: (id, body, before) => this.#wanted(id, body, before),
      restored: (id, value, before) => this.#wanted(id, value, before),
      show: (stored) => Promise.all(stored.map((one) => this.#shown(one))),
    });
  }

  /** `others`: also those that are not this one. */
  async list(
    workspace: string,
    others: boolean,
    query: PageQuery,
  ): Promise<Result<Page<ListedWorkspace>, ApiFailure>> {
    const theirs = (await this.#resource.all()).filter(({ id }) => others || id === workspace);
    return pageIn(
      theirs.map((stored) => this.#listed(stored)),
      query,
      { list: 'workspaces' },
      ({ id }) => id,
    );
  }

  find(one: WorkspaceId): Promise<Result<ShownWorkspace, ApiFailure>> {
    return this.#resource.find(one);
  }

  async put(
    { id }: WorkspaceId,
    body: WorkspaceBody,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<Put<ShownWorkspace>, ApiFailure>> {
    return this.#changed(id, await this.#resource.put({ id }, body, preconditions, by));
  }

  async remove(
    { id }: WorkspaceId,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<Outcome, ApiFailure>> {
    if (id === this.#own) return failed(ALWAYS_THERE);
    const removed = await this.#resource.remove({ id }, preconditions, by);
    this.#refusals.forget(id);
    for (const hear of this.#removed) hear();
    return removed;
  }

  versions(one: WorkspaceId, query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    return this.#resource.versions(one, query);
  }

  /** Puts a version in force once more, as a new one; also of a workspace that was removed. */
  async restore(
    { id }: WorkspaceId,
    version: number,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<Put<ShownWorkspace>, ApiFailure>> {
    return this.#changed(id, await this.#resource.restore({ id }, version, preconditions, by));
  }

  /** Why requests about a workspace are refused; undefined where they are not. */
  async refusalOf(id: string): Promise<ApiFailure | undefined> {
    // The one of the settings is always there, so that it can be read while the database is away.
    return id === this.#own ? undefined : this.#refusals.get(id);
  }

  /** Hears of each workspace that was removed here, and what it had with it. */
  onRemoved(hear: () => void): void {
    this.#removed.push(hear);
  }

  async #refusalOf(id: string): Promise<ApiFailure | undefined> {
    const stored = await this.#resource.definitions.find(id);
    if (!stored) return workspaceNotFound(id);
    if (stored.value.enabled) return undefined;
    return { code: 'workspace_disabled', message: `The workspace "${id}" is disabled.` };
  }

  #changed(
    id: string,
    put: Result<Put<ShownWorkspace>, ApiFailure>,
  ): Result<Put<ShownWorkspace>, ApiFailure> {
    this.#refusals.forget(id);
    // The one of the settings was there before somebody defined it.
    return put.ok ? ok({ ...put.value, created: put.value.created && id !== this.#own }) : put;
  }

  #wanted(
    id: string,
    { name, enabled, quotas }: WorkspaceBody,
    stored: StoredWorkspace | undefined,
  ): Result<Change<WorkspaceMessage>, ApiFailure> {
    if (id !== this.#own && !WORKSPACE_ID.test(id)) return failed(NO_ID);
    if (id === this.#own && !enabled) return failed(ALWAYS_THERE);
    const updatedAt = toInstant(this.clock.now());
    const { createdAt = updatedAt } = stored?.value ?? (id === this.#own ? this.#builtIn().value : {});
    const value = { workspaceId: this.#own, id, name, enabled, quotas, createdAt, updatedAt };
    return ok(stored && isSame(stored.value, value) ? 'keep' : { put: value });
  }

  #builtIn(): StoredWorkspace {
    const id = this.#own;
    const times = { createdAt: EPOCH, updatedAt: EPOCH };
    const value = { workspaceId: id, id, name: 'Default', enabled: true, quotas: {}, ...times };
    return { id, value, version: BUILT_IN_VERSION };
  }

  #listed({ value, version }: StoredWorkspace): ListedWorkspace {
    const { workspaceId: _workspaceId, ...workspace } = value;
    return { ...workspace, limits: limitsOf(this.config, value), version };
  }

  async #shown(stored: StoredWorkspace): Promise<ShownWorkspace> {
    const [counts, eventsPerSecond] = await Promise.all([
      this.database.run((statements) => countsOf(statements, stored.id)),
      this.rate.perSecond(stored.id, this.clock.now()),
    ]);
    const { sources, audiences, traits, traitRules, splits } = COUNTED_KINDS;
    const used = {
      eventsPerSecond,
      sources: counts.get(sources) ?? 0,
      audiences: counts.get(audiences) ?? 0,
      traits: counts.get(traits) ?? 0,
      traitRules: counts.get(traitRules) ?? 0,
      splits: counts.get(splits) ?? 0,
    };
    return { ...this.#listed(stored), used };
  }
}

const NO_ID = invalidRequest([
  problem('id', 'must be 1 to 63 of a-z, 0-9 and -, and begin with a letter or a digit'),
]);

const ALWAYS_THERE: ApiFailure = {
  code: 'workspace_in_use',
  message: 'The workspace of the settings is always there: it can be neither disabled nor removed.',
};

function isSame(a: WorkspaceMessage, b: WorkspaceMessage): boolean {
  return isDeepStrictEqual({ ...a, updatedAt: '' }, { ...b, updatedAt: '' });
}
