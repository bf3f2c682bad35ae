import { Inject, Injectable } from '@nestjs/common';
import type { SuppressionMessage } from '@tributary/contracts';
import {
  ControlPlane,
  type Authorship,
  type Change,
  type ControlTables,
  type Definitions,
  type Statements,
} from '@tributary/control';
import { failed, ok, toInstant, type Result } from '@tributary/kernel';
import { CONFIG } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import type { ApiFailure } from '../http/api.errors.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { SUPPRESSIONS } from './suppression.kind.js';

/** How many changed, and the last place in the outbox that they took. */
export interface Suppressed {
  readonly count: number;
  readonly seq?: number;
}

/** The suppressed identifiers of the workspace of the request. */
@Injectable()
export class SuppressionsService {
  readonly #definitions: Definitions<SuppressionMessage>;

  constructor(
    plane: ControlPlane,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {
    this.#definitions = plane.definitions(SUPPRESSIONS);
  }

  /** Within a change of all. */
  async add(
    statements: Statements<ControlTables>,
    digests: readonly string[],
    authorship: Authorship,
  ): Promise<Result<Suppressed, ApiFailure>> {
    const known = await this.#inForce(statements, digests);
    const fresh = digests.filter((digest) => !known.has(digest));
    const full = await this.#full(statements, fresh.length);
    if (full) return failed(full);
    const createdAt = toInstant(authorship.at);
    const value = (digest: string) => ({ workspaceId: currentWorkspace(), digest, createdAt });
    return ok(await this.#change(statements, fresh, (digest) => ({ put: value(digest) }), authorship));
  }

  /** Within a change of all. */
  async remove(
    statements: Statements<ControlTables>,
    digests: readonly string[],
    authorship: Authorship,
  ): Promise<Suppressed> {
    const known = await this.#inForce(statements, digests);
    return this.#change(statements, [...known], () => 'remove', authorship);
  }

  async #change(
    statements: Statements<ControlTables>,
    digests: readonly string[],
    change: (digest: string) => Change<SuppressionMessage>,
    authorship: Authorship,
  ): Promise<Suppressed> {
    const changes = new Map(digests.map((digest) => [digest, change(digest)]));
    const changed = await this.#definitions.changeIn(statements, changes, authorship);
    const seqs = [...changed.values()].flatMap(({ seq }) => seq ?? []);
    return { count: seqs.length, ...(seqs.length > 0 && { seq: Math.max(...seqs) }) };
  }

  async #inForce(
    statements: Statements<ControlTables>,
    digests: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const rows = await statements
      .selectFrom('definitions')
      .select('id')
      .where('workspace', '=', currentWorkspace())
      .where('kind', '=', SUPPRESSIONS.name)
      .where('key', 'in', [...digests])
      .where('value', 'is not', null)
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  /** Of all workspaces together: each collector holds all of them in memory. */
  async #full(statements: Statements<ControlTables>, more: number): Promise<ApiFailure | undefined> {
    const { PRIVACY_SUPPRESSIONS: most } = this.config;
    const { count } = await statements
      .selectFrom('definitions')
      .select((of) => of.fn.countAll<string>().as('count'))
      .where('kind', '=', SUPPRESSIONS.name)
      .where('value', 'is not', null)
      .executeTakeFirstOrThrow();
    if (Number(count) + more <= most) return undefined;
    return {
      code: 'limit_reached',
      message: `${count} identifiers of all workspaces are suppressed, and with ${more} more they were more than ${most}: raise PRIVACY_SUPPRESSIONS; each takes 64 bytes of every collector.`,
    };
  }
}
