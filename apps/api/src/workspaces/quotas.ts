import type { WorkspaceMessage } from '@tributary/contracts';
import type { ControlTables, OnChange, Statements } from '@tributary/control';
import type { Kysely } from 'kysely';
import type { AccessTables } from '../access/access.tables.js';
import type { ApiConfig } from '../api.config.js';
import { ApiError } from '../http/api.errors.js';
import { SCORE_BORDERS } from '../traits/trait.kind.js';
import { WORKSPACES } from './workspace.kind.js';

/** The kinds of definitions of which a workspace may have so many. */
export const COUNTED_KINDS = {
  sources: 'source',
  audiences: 'audience',
  traits: 'trait',
  traitRules: 'trait-rule',
  splits: 'split',
} as const;
export type CountedKinds = keyof typeof COUNTED_KINDS;

/** What a workspace may use. */
export type Limits = Readonly<Record<CountedKinds | 'eventsPerSecond', number>>;

const MOST_WORKSPACES = 1_000;

/** The quotas of a workspace, and those of the settings where it has none. */
export function limitsOf(config: ApiConfig, workspace: Pick<WorkspaceMessage, 'quotas'> | undefined): Limits {
  return {
    eventsPerSecond: config.QUOTA_EVENTS_PER_SECOND,
    sources: config.QUOTA_SOURCES,
    audiences: config.QUOTA_AUDIENCES,
    traits: config.QUOTA_TRAITS,
    traitRules: config.QUOTA_TRAIT_RULES,
    splits: config.QUOTA_SPLITS,
    ...workspace?.quotas,
  };
}

/** How many definitions of each kind are in force, by the name of the kind. */
export async function countsOf(
  statements: Kysely<ControlTables>,
  workspace: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await statements
    .selectFrom('definitions')
    .select('kind')
    .select((of) => of.fn.countAll<string>().as('count'))
    .where('workspace', '=', workspace)
    .where('value', 'is not', null)
    .groupBy('kind')
    .execute();
  return new Map(rows.map(({ kind, count }) => [kind, Number(count)]));
}

/**
 * Undoes the change that is one too many for its workspace, or that removes a workspace in which there is something. It
 * counts with the change: changes of all kinds are one after the other from their place in the outbox to the commit, so
 * two cannot both be the last that there is room for.
 */
export function quotaGuard(config: ApiConfig): OnChange {
  const own = config.TRIBUTARY_WORKSPACE;
  return async (statements, { workspace, kind, id, before, after }) => {
    if (kind === WORKSPACES.name) {
      if (after === undefined) await removeWhatIsIn(statements, id);
      else if (before === undefined) await refuseTooManyWorkspaces(statements, own);
      return;
    }
    if (before !== undefined || after === undefined) return;
    const found = await workspaceIn(statements, own, workspace);
    if (!found && workspace !== own) throw new ApiError(workspaceNotFound(workspace));
    const counted = Object.entries(COUNTED_KINDS).find(([, name]) => name === kind);
    if (!counted) return;
    const quota = counted[0] as CountedKinds;
    const limit = limitsOf(config, found)[quota];
    const used = (await countOf(statements, workspace, kind)) - 1;
    if (used < limit) return;
    throw new ApiError({
      code: 'quota_exceeded',
      message: `The workspace "${workspace}" may have ${limit} ${quota} and has ${used}. Remove some, or ask an admin of the installation for more.`,
      details: { quota, limit, used },
    });
  };
}

async function countOf(statements: Kysely<ControlTables>, workspace: string, kind: string): Promise<number> {
  const { count } = await statements
    .selectFrom('definitions')
    .select((of) => of.fn.countAll<string>().as('count'))
    .where('workspace', '=', workspace)
    .where('kind', '=', kind)
    .where('value', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export function workspaceNotFound(id: string) {
  return { code: 'workspace_not_found', message: `There is no workspace "${id}" for you.` } as const;
}

async function workspaceIn(
  statements: Kysely<ControlTables>,
  own: string,
  id: string,
): Promise<WorkspaceMessage | undefined> {
  const row = await statements
    .selectFrom('definitions')
    .select('value')
    .where('workspace', '=', own)
    .where('kind', '=', WORKSPACES.name)
    .where('key', '=', id)
    .executeTakeFirst();
  return (row?.value as WorkspaceMessage | null | undefined) ?? undefined;
}

async function refuseTooManyWorkspaces(statements: Kysely<ControlTables>, own: string): Promise<void> {
  const count = await countOf(statements, own, WORKSPACES.name);
  if (count <= MOST_WORKSPACES) return;
  throw new ApiError({ code: 'limit_reached', message: `There are ${MOST_WORKSPACES} workspaces already.` });
}

/** Those who came in by it are out: under the same id there may be another one day. */
async function removeWhatIsIn(of: Statements<ControlTables>, workspace: string): Promise<void> {
  const counts = new Map(await countsOf(of, workspace));
  // They go by themselves, a moment after the scores.
  counts.delete(SCORE_BORDERS.name);
  if (counts.size > 0) {
    const left = [...counts].map(([kind, count]) => `${count} of the kind ${kind}`).join(', ');
    throw new ApiError({
      code: 'workspace_in_use',
      message: `The workspace "${workspace}" has definitions in force: ${left}. Remove them first, or disable the workspace.`,
      details: Object.fromEntries(counts),
    });
  }
  // The tables of access are in the same database.
  const statements = of as unknown as Statements<AccessTables>;
  for (const table of ['sessions', 'one_time_links', 'api_tokens', 'users'] as const)
    await statements.deleteFrom(table).where('workspace', '=', workspace).execute();
}
