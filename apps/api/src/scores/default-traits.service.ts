import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { TraitMessage } from '@tributary/contracts';
import {
  ControlPlane,
  Database,
  type Change,
  type ControlTables,
  type Principal,
  type Statements,
} from '@tributary/control';
import { ok, toInstant, type Clock } from '@tributary/kernel';
import { CLOCK, CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import { ClickHouseReader, isAway } from '../clickhouse/clickhouse.reader.js';
import { DefinitionChanges } from '../control/definition-changes.js';
import { scoreFault, traitsByKey } from '../traits/score-faults.js';
import { TRAITS } from '../traits/trait.kind.js';
import { inWorkspace } from '../workspaces/current-workspace.js';
import { limitsOf } from '../workspaces/quotas.js';
import { WORKSPACES } from '../workspaces/workspace.kind.js';
import { DEFAULT_TRAITS } from './default-traits.js';
import { Duty } from './duty.js';
import { PATIENT_READER } from './patient-reader.js';
import type { ScoresTables } from './scores.tables.js';

const PLATFORM: Principal = { id: 'default-traits', kind: 'system', name: 'Tributary' };
const REASON =
  'The workspace receives orders: these are the traits of customers that most shops ask for first.';

/**
 * Gives a workspace that first receives orders the computed traits of customers, once: what is edited or removed stays so,
 * and a key that is there is left alone.
 */
@Injectable()
export class DefaultTraitsService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #database: Database<ScoresTables>;
  readonly #duty: Duty;

  constructor(
    database: Database<ControlTables>,
    private readonly plane: ControlPlane,
    private readonly changes: DefinitionChanges,
    @Inject(PATIENT_READER) private readonly clickhouse: ClickHouseReader,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#database = database.withTables<ScoresTables>();
    const work = (signal: AbortSignal) => this.#work(signal);
    const what = { name: 'default-traits', everyMs: 2_000, database: this.#database };
    this.#duty = new Duty({ ...what, plane, logger, work });
  }

  onApplicationBootstrap(): void {
    if (this.config.API_DEFAULT_TRAITS) this.#duty.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#duty.stop();
  }

  async #work(signal: AbortSignal): Promise<void> {
    const without = await this.#withoutTraits();
    if (without.length === 0) return;
    const receiving = new Set(await this.#receiving());
    for (const workspace of without) {
      if (signal.aborted) return;
      if (receiving.has(workspace)) await inWorkspace(workspace, () => this.#give(workspace));
    }
  }

  /** The workspaces that were never given any. */
  async #withoutTraits(): Promise<readonly string[]> {
    const own = this.config.TRIBUTARY_WORKSPACE;
    const defined = await this.plane.definitions(WORKSPACES, own).all();
    const given = await this.#database.run((statements) =>
      statements.selectFrom('default_traits').select('workspace').execute(),
    );
    const done = new Set(given.map(({ workspace }) => workspace));
    return [own, ...defined.map(({ id }) => id).filter((id) => id !== own)].filter((id) => !done.has(id));
  }

  /** The workspaces that have orders, which are few rows; none where no service has made the table yet. */
  async #receiving(): Promise<readonly string[]> {
    try {
      const rows = await inWorkspace(this.config.TRIBUTARY_WORKSPACE, () =>
        this.clickhouse.rows<{ readonly workspace: string }>(
          'SELECT DISTINCT workspace_id AS workspace FROM workspaces_with_orders',
        ),
      );
      return rows.map(({ workspace }) => workspace);
    } catch (error) {
      if (isAway((error as Error).cause ?? error)) return [];
      throw error;
    }
  }

  async #give(workspace: string): Promise<void> {
    const definitions = this.plane.definitions(TRAITS, workspace);
    const at = this.clock.now();
    const given = await this.changes.changeAll(
      { author: PLATFORM, reason: REASON },
      async (of, authorship) => {
        // The tables of this folder are in the same database.
        const statements = of as unknown as Statements<ScoresTables>;
        const { numInsertedOrUpdatedRows: isFirst } = await statements
          .insertInto('default_traits')
          .values({ workspace, at: new Date(at) })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (isFirst === 0n) return ok<Given>({ keys: [] });
        const there = (await definitions.allIn(of)).map(({ id, value }) => [id, value.query] as const);
        const found = await this.plane
          .definitions(WORKSPACES, this.config.TRIBUTARY_WORKSPACE)
          .findIn(of, workspace);
        const room = Math.max(0, limitsOf(this.config, found?.value).traits - there.length);
        const changes = givenTo(workspace, there, room, at);
        const made = await definitions.changeIn(of, changes, authorship);
        const seq = Math.max(-1, ...[...made.values()].map((one) => one.seq ?? -1));
        return ok<Given>({ keys: [...changes.keys()], ...(seq < 0 ? {} : { seq }) });
      },
    );
    if (given.ok && given.value.keys.length > 0)
      this.logger.info({ workspace, traits: given.value.keys }, 'the workspace has the traits of customers');
  }
}

/** What came of it: the keys of new traits, and the last place in the outbox. */
interface Given {
  readonly keys: readonly string[];
  readonly seq?: number;
}

/** Those whose keys are free, as many as there is room for; a score only of what it can rank. */
function givenTo(
  workspaceId: string,
  there: readonly (readonly [key: string, query: string])[],
  room: number,
  at: number,
): ReadonlyMap<string, Change<TraitMessage>> {
  const queries = new Map(there);
  const changes = new Map<string, Change<TraitMessage>>();
  for (const { key, name, query } of DEFAULT_TRAITS) {
    if (queries.has(key) || changes.size >= room) continue;
    if (scoreFault(key, traitsByKey([...queries, [key, query]])) !== undefined) continue;
    queries.set(key, query);
    const times = { createdAt: toInstant(at), updatedAt: toInstant(at) };
    changes.set(key, { put: { workspaceId, key, name, query, ...times } });
  }
  return changes;
}
