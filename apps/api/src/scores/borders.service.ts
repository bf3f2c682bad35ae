import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  aggregatesOfTrait,
  bordersOf,
  groupsQuery,
  isScore,
  parseTrait,
  type Aggregate,
  type ComputedTrait,
  type Score,
  type ScoreGroup,
} from '@tributary/audiences';
import type { ScoreBordersMessage } from '@tributary/contracts';
import { ControlPlane, Database, type ControlTables, type Principal } from '@tributary/control';
import { ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, LOGGER, type Logger } from '@tributary/service';
import { sql } from 'kysely';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import { SCORE_BORDERS, TRAITS } from '../traits/trait.kind.js';
import { inWorkspace } from '../workspaces/current-workspace.js';
import { dueScores, leftBorders, type DueScore } from './due-scores.js';
import { Duty } from './duty.js';
import { PATIENT_READER } from './patient-reader.js';
import type { ScoresTables } from './scores.tables.js';

/** The author of what the platform computes. */
const PLATFORM: Principal = { id: 'scores', kind: 'system', name: 'Tributary' };
/** Versions of borders that are kept, each for a day or less. */
const VERSIONS_KEPT = 30;
const LONGEST_PAUSE_MS = 600_000;

/** Computes the borders of scores over everybody, once a day and soon after a definition has changed. */
@Injectable()
export class BordersService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #database: Database<ScoresTables>;
  readonly #duty: Duty;
  /** Those that failed: how often, and when they are tried again. */
  readonly #failed = new Map<string, { readonly times: number; readonly until: number }>();

  constructor(
    database: Database<ControlTables>,
    private readonly plane: ControlPlane,
    @Inject(PATIENT_READER) private readonly clickhouse: ClickHouseReader,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#database = database.withTables<ScoresTables>();
    const work = (signal: AbortSignal) => this.#work(signal);
    const what = { name: 'scores', everyMs: 1_000, database: this.#database };
    this.#duty = new Duty({ ...what, plane, logger, work });
  }

  onApplicationBootstrap(): void {
    this.#duty.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#duty.stop();
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (const { workspace, key } of await leftBorders(this.#database)) await this.#remove(workspace, key);
    const now = this.clock.now();
    const waiting = [...this.#failed].flatMap(([name, { until }]) => (until > now ? [name] : []));
    for (const due of await dueScores(this.#database, now, waiting)) {
      if (signal.aborted) return;
      const name = `${due.workspace}/${due.key}`;
      try {
        await this.#compute(due);
        this.#failed.delete(name);
      } catch (error) {
        // One score that cannot be computed does not hold up the others.
        const times = (this.#failed.get(name)?.times ?? 0) + 1;
        this.#failed.set(name, { times, until: now + Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** times) });
        this.logger.warn({ err: error, score: name, times }, 'the borders of a score were not computed');
      }
    }
  }

  async #compute({ workspace, key, score, ranked }: DueScore): Promise<void> {
    const [of, trait] = [parseTrait(score.query), parseTrait(ranked.query)];
    if (!of.ok || !isScore(of.value) || !trait.ok || isScore(trait.value)) return;
    const at = this.clock.now();
    const groups = await this.#groups(workspace, of.value, trait.value, at);
    const borders: ScoreBordersMessage = {
      workspaceId: workspace,
      key,
      query: score.query,
      rankedQuery: ranked.query,
      borders: [...bordersOf(groups, of.value)],
      people: groups.reduce((sum, { people }) => sum + people, 0),
      computedAt: toInstant(at),
    };
    await this.#put(workspace, borders, at);
  }

  async #groups(workspace: string, score: Score, trait: ComputedTrait, at: number) {
    const windowOf = trait.window ? await this.#windowsIn(workspace) : undefined;
    const query = groupsQuery(trait, score, { at, ...(windowOf && { windowOf }) });
    const rows = await inWorkspace(workspace, () => this.clickhouse.rows<GroupRow>(query));
    return rows.map(({ score: of, people, border }): ScoreGroup => ({
      score: of,
      people: Number(people),
      border: borderOf(border),
    }));
  }

  /** The slices of a window are those of the longest window of the same events that a trait of the workspace has. */
  async #windowsIn(workspace: string): Promise<(aggregate: Aggregate) => number> {
    const longest = new Map<string, number>();
    for (const { value } of await this.plane.definitions(TRAITS, workspace).all()) {
      const parsed = parseTrait(value.query);
      if (!parsed.ok || isScore(parsed.value)) continue;
      for (const { aggregate, bound } of aggregatesOfTrait(parsed.value))
        longest.set(aggregate.hash, Math.max(bound, longest.get(aggregate.hash) ?? 0));
    }
    return ({ hash }) => longest.get(hash) ?? 0;
  }

  /** Nothing where another process, which stood still, would put back older ones. */
  async #put(workspace: string, borders: ScoreBordersMessage, at: number): Promise<void> {
    const definitions = this.plane.definitions(SCORE_BORDERS, workspace);
    await definitions.change(borders.key, { author: PLATFORM, at }, async (before, statements) => {
      if (before && before.value.computedAt > borders.computedAt) return kept();
      await sql`
        DELETE FROM definition_versions v
        WHERE v.workspace = ${workspace} AND v.kind = ${SCORE_BORDERS.name} AND v.key = ${borders.key}
          AND v.version < ${(before?.version ?? 0) - VERSIONS_KEPT}
          AND NOT EXISTS (SELECT FROM outbox o WHERE o.workspace = v.workspace AND o.kind = v.kind
            AND o.key = v.key AND o.version = v.version)`.execute(statements);
      return ok({ put: borders });
    });
  }

  async #remove(workspace: string, key: string): Promise<void> {
    const definitions = this.plane.definitions(SCORE_BORDERS, workspace);
    await definitions.change(key, { author: PLATFORM, at: this.clock.now() }, () => ok('remove' as const));
  }
}

const kept = (): Result<'keep', never> => ok('keep');

interface GroupRow {
  readonly score: number;
  readonly people: string;
  /** JSON; a number may have more digits than a double holds. */
  readonly border: string;
}

function borderOf(json: string): string | number {
  if (json.startsWith('"')) return JSON.parse(json) as string;
  return String(Number(json)) === json ? Number(json) : json;
}
