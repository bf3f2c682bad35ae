import { Inject, Injectable } from '@nestjs/common';
import type { WorkspaceMessage } from '@tributary/contracts';
import { ControlPlane, Database, type ControlTables, type Definitions } from '@tributary/control';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import { isDeepStrictEqual } from 'node:util';
import type { ApiConfig } from '../api.config.js';
import { mismatchOf, type Preconditions } from '../control/changes.js';
import { DefinitionChanges, type ByWhom } from '../control/definition-changes.js';
import { Remembered } from '../control/remembered.js';
import { noVersion, versionsPage, type ShownVersion } from '../control/versions.dto.js';
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
} from './workspace.dto.js';
import { WORKSPACES, type StoredWorkspace } from './workspace.kind.js';

const EPOCH = '1970-01-01T00:00:00.000Z';
const BUILT_IN_VERSION = -1;

/** A workspace that was put, and how. */
export interface PutWorkspace extends Outcome {
  readonly workspace: ShownWorkspace;
}

/** The workspaces of the installation; the one of the settings is there without a definition. */
@Injectable()
export class WorkspacesService {
  readonly #definitions: Definitions<WorkspaceMessage>;
  readonly #own: string;
  /** Why requests are refused, by workspace. */
  readonly #refusals = new Remembered((id) => this.#refusalOf(id));
  readonly #removed: (() => void)[] = [];

  constructor(
    plane: ControlPlane,
    private readonly database: Database<ControlTables>,
    private readonly changes: DefinitionChanges,
    private readonly rate: ClickHouseEventRate,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {
    this.#own = config.TRIBUTARY_WORKSPACE;
    this.#definitions = plane.definitions(WORKSPACES, this.#own);
  }

  /** `others`: also those that are not this one. */
  async list(
    workspace: string,
    others: boolean,
    query: PageQuery,
  ): Promise<Result<Page<ListedWorkspace>, ApiFailure>> {
    const defined = await this.#definitions.all();
    const isDefined = defined.some(({ id }) => id === this.#own);
    const all = isDefined ? defined : [...defined, this.#builtIn()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const theirs = all.filter(({ id }) => others || id === workspace);
    return pageIn(
      theirs.map((stored) => this.#listed(stored)),
      query,
      { list: 'workspaces' },
      ({ id }) => id,
    );
  }

  async find(id: string): Promise<Result<ShownWorkspace, ApiFailure>> {
    const stored = await this.#stored(id);
    return stored ? ok(await this.#shown(stored)) : failed(workspaceNotFound(id));
  }

  async put(
    id: string,
    { name, enabled, quotas }: WorkspaceBody,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutWorkspace, ApiFailure>> {
    if (id !== this.#own && !WORKSPACE_ID.test(id)) return failed(NO_ID);
    if (id === this.#own && !enabled) return failed(ALWAYS_THERE);
    const changed = await this.changes.change(this.#definitions, id, by, (stored) => {
      const before = stored ?? this.#builtInOf(id);
      const mismatch = mismatchOf('workspace', before, preconditions);
      if (mismatch) return failed(mismatch);
      const updatedAt = toInstant(this.clock.now());
      const createdAt = before?.value.createdAt ?? updatedAt;
      const value = { workspaceId: this.#own, id, name, enabled, quotas, createdAt, updatedAt };
      return ok(stored && isSame(stored.value, value) ? 'keep' : { put: value });
    });
    this.#refusals.forget(id);
    if (!changed.ok) return changed;
    const { before, definition, isUnderWay } = changed.value;
    if (!definition) return failed(workspaceNotFound(id));
    const created = !before && id !== this.#own;
    return ok({ workspace: await this.#shown(definition), created, isUnderWay });
  }

  async remove(id: string, preconditions: Preconditions, by: ByWhom): Promise<Result<Outcome, ApiFailure>> {
    if (id === this.#own) return failed(ALWAYS_THERE);
    const removed = await this.changes.change(this.#definitions, id, by, (before) => {
      if (!before) return failed(workspaceNotFound(id));
      const mismatch = mismatchOf('workspace', before, preconditions);
      return mismatch ? failed(mismatch) : ok('remove' as const);
    });
    this.#refusals.forget(id);
    for (const hear of this.#removed) hear();
    return removed;
  }

  async versions(id: string, query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    return versionsPage(
      this.#definitions,
      id,
      query,
      ({ workspaceId: _workspaceId, ...workspace }) => workspace,
    );
  }

  /** Puts a version in force once more, as a new one; also of a workspace that was removed. */
  async restore(
    id: string,
    version: number,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutWorkspace, ApiFailure>> {
    const value = (await this.#definitions.version(id, version))?.value;
    return value ? this.put(id, value, preconditions, by) : failed(noVersion(version));
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
    const stored = await this.#definitions.find(id);
    if (!stored) return workspaceNotFound(id);
    if (stored.value.enabled) return undefined;
    return { code: 'workspace_disabled', message: `The workspace "${id}" is disabled.` };
  }

  async #stored(id: string): Promise<StoredWorkspace | undefined> {
    return (await this.#definitions.find(id)) ?? this.#builtInOf(id);
  }

  #builtInOf(id: string): StoredWorkspace | undefined {
    return id === this.#own ? this.#builtIn() : undefined;
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
    const { sources, audiences, traits, splits } = COUNTED_KINDS;
    const used = {
      eventsPerSecond,
      sources: counts.get(sources) ?? 0,
      audiences: counts.get(audiences) ?? 0,
      traits: counts.get(traits) ?? 0,
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
