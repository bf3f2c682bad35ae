import { Injectable } from '@nestjs/common';
import { ISSUED_BYTES, issue } from '@tributary/access';
import type { Authorship, ControlTables, Statements } from '@tributary/control';
import { digestOfIdentifier, failed, ok, type Identifier, type Result } from '@tributary/kernel';
import { sql } from 'kysely';
import { randomBytes } from 'node:crypto';
import { AccessDatabase } from '../access/access-database.js';
import { DefinitionChanges, type ByWhom } from '../control/definition-changes.js';
import type { ApiFailure } from '../http/api.errors.js';
import { keyBefore, NO_CURSOR, pageOf, type Page } from '../http/page.js';
import { readIdentifier, writtenIdentifier } from '../identity/identifiers.js';
import { RulesService } from '../identity/rules/rules.service.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { People, type Person } from './person.js';
import type { PrivacyRequestBody, PrivacyRequestsQuery, ShownRequest } from './privacy.dto.js';
import type { Receipt } from './privacy.tables.js';
import { PrivacyWorker } from './privacy-worker.js';
import { RequestsStore, shownRequest, withRequests, type RequestRow } from './requests.store.js';
import { SuppressionsService, type Suppressed } from './suppressions.service.js';

/** A request that was taken, or that was there already. */
export interface TakenRequest {
  readonly request: ShownRequest;
  readonly created: boolean;
}

/** Privacy requests of the workspace that a request is about. */
@Injectable()
export class PrivacyRequestsService {
  constructor(
    private readonly store: RequestsStore,
    private readonly access: AccessDatabase,
    private readonly changes: DefinitionChanges,
    private readonly people: People,
    private readonly rules: RulesService,
    private readonly suppressions: SuppressionsService,
    private readonly worker: PrivacyWorker,
  ) {}

  async find(id: string): Promise<Result<ShownRequest, ApiFailure>> {
    const row = await this.store.find(id, currentWorkspace());
    return row ? ok(shownRequest(row)) : failed(notFound(id));
  }

  /** The latest first. */
  async list({
    limit,
    cursor,
    status,
    identifier,
  }: PrivacyRequestsQuery): Promise<Result<Page<ShownRequest>, ApiFailure>> {
    const scope = { list: 'privacy requests', filter: { status, identifier } };
    const after = keyBefore(cursor, scope);
    if (!after.ok) return after;
    const [at, id = ''] = after.value.split(' ');
    if (after.value !== '' && Number.isNaN(Date.parse(at ?? ''))) return failed(NO_CURSOR);
    const digests = identifier === undefined ? ok(undefined) : await this.#digestsOf(identifier);
    if (!digests.ok) return digests;
    const rows = await this.store.database.run((statements) => {
      let query = statements
        .selectFrom('privacy_requests')
        .selectAll()
        .where('workspace', '=', currentWorkspace());
      if (status !== undefined) query = query.where('status', '=', status);
      if (digests.value) query = query.where(sql<boolean>`digests ?| ${digests.value}::text[]`);
      if (after.value !== '')
        query = query.where(sql<boolean>`(created_at, id) < (${new Date(at ?? '')}, ${id})`);
      return query
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
    });
    return ok(
      pageOf(rows.map(shownRequest), limit, scope, (request) => `${request.createdAt} ${request.id}`),
    );
  }

  /**
   * Takes a request. The same key again, or the same asked for while it is open, is the request that there is. What is
   * suppressed is so from this transaction on.
   */
  async take(
    body: PrivacyRequestBody,
    idempotencyKey: string | undefined,
    { author }: ByWhom,
  ): Promise<Result<TakenRequest, ApiFailure>> {
    const person = await this.people.find(body.identifier);
    if (!person.ok) return person;
    const by: ByWhom = { author, reason: body.reason };
    const taken = await this.changes.changeAll<TakenRequest>(by, async (statements, authorship) => {
      const before = await this.#before(statements, body, person.value, idempotencyKey);
      if (!before.ok) return before;
      if (before.value) return ok({ request: shownRequest(before.value), created: false });
      return this.#insert(statements, body, person.value, { ...authorship, idempotencyKey });
    });
    if (taken.ok) this.worker.nudge();
    return taken;
  }

  async #before(
    statements: Statements<ControlTables>,
    { type }: PrivacyRequestBody,
    { asked }: Person,
    idempotencyKey: string | undefined,
  ): Promise<Result<RequestRow | undefined, ApiFailure>> {
    const digest = digestOfIdentifier(currentWorkspace(), asked);
    const rows = withRequests(statements)
      .selectFrom('privacy_requests')
      .selectAll()
      .where('workspace', '=', currentWorkspace());
    if (idempotencyKey !== undefined) {
      const row = await rows.where('idempotency_key', '=', idempotencyKey).executeTakeFirst();
      if (row && (row.type !== type || row.digest !== digest)) return failed(REUSED);
      if (row) return ok(row);
    }
    return ok(
      await rows
        .where('type', '=', type)
        .where('digest', '=', digest)
        .where('status', 'in', ['accepted', 'running'])
        .executeTakeFirst(),
    );
  }

  async #insert(
    statements: Statements<ControlTables>,
    { type, reason }: PrivacyRequestBody,
    { asked, identifiers, profiles }: Person,
    { idempotencyKey, ...authorship }: Authorship & { readonly idempotencyKey: string | undefined },
  ): Promise<Result<TakenRequest & { readonly seq?: number }, ApiFailure>> {
    const workspace = currentWorkspace();
    const at = new Date(authorship.at);
    const own = digestsOf(workspace, identifiers);
    const digests = type === 'unsuppress' ? await suppressedWith(statements, workspace, own) : own;
    const suppressed = await this.#suppress(statements, type, digests, authorship);
    if (!suppressed.ok) return suppressed;
    const { seq, receipt } = suppressed.value;
    const row = await withRequests(statements)
      .insertInto('privacy_requests')
      .values({
        id: issue('token', randomBytes(ISSUED_BYTES)).id,
        ...{ workspace, type, status: 'accepted', digest: digestOfIdentifier(workspace, asked), failures: 0 },
        digests: JSON.stringify(digests),
        identifiers: JSON.stringify(identifiers),
        profiles: JSON.stringify(profiles),
        receipts: JSON.stringify(receipt ? [receipt] : []),
        author: JSON.stringify(authorship.author),
        ...{ progress: null, waits_for: null, outbox: seq ?? null, reason: reason ?? null },
        idempotency_key: idempotencyKey ?? null,
        ...{ created_at: at, updated_at: at, done_at: null, leased_by: null, leased_until: null },
        due_at: sql<Date>`now()` as unknown as Date,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await this.access.writeDown(statements, {
      ...{ author: authorship.author, action: 'created', kind: 'privacy-request', subject: row.id, reason },
      after: { type, digests },
    });
    return ok({ request: shownRequest(row), created: true, ...(seq !== undefined && { seq }) });
  }

  async #suppress(
    statements: Statements<ControlTables>,
    type: PrivacyRequestBody['type'],
    digests: readonly string[],
    authorship: Authorship,
  ): Promise<Result<Partial<Suppressed> & { readonly receipt?: Receipt }, ApiFailure>> {
    const receipt = (action: Receipt['action'], count: number): Receipt => ({
      ...{ store: 'control.suppressions.v1', action, count, at: new Date(authorship.at).toISOString() },
    });
    if (type === 'suppress' || type === 'suppress_with_delete') {
      const added = await this.suppressions.add(statements, digests, authorship);
      return added.ok ? ok({ ...added.value, receipt: receipt('suppressed', added.value.count) }) : added;
    }
    if (type !== 'unsuppress') return ok({});
    const removed = await this.suppressions.remove(statements, digests, authorship);
    return ok({ ...removed, receipt: receipt('unsuppressed', removed.count) });
  }

  async #digestsOf(text: string): Promise<Result<readonly string[], ApiFailure>> {
    const sent = readIdentifier(text, 'identifier');
    if (!sent.ok) return sent;
    const written = writtenIdentifier(text, 'identifier', await this.rules.inForce());
    return written.ok ? ok(digestsOf(currentWorkspace(), [sent.value, written.value])) : written;
  }
}

function digestsOf(workspace: string, identifiers: readonly Identifier[]): readonly string[] {
  return [...new Set(identifiers.map((one) => digestOfIdentifier(workspace, one)))];
}

/** Those that were suppressed together with one of them: of a person who was deleted no table knows them any more. */
async function suppressedWith(
  statements: Statements<ControlTables>,
  workspace: string,
  digests: readonly string[],
): Promise<readonly string[]> {
  const rows = await withRequests(statements)
    .selectFrom('privacy_requests')
    .select('digests')
    .where('workspace', '=', workspace)
    .where('type', 'in', ['suppress', 'suppress_with_delete'])
    .where(sql<boolean>`digests ?| ${[...digests]}::text[]`)
    .execute();
  return [...new Set([...digests, ...rows.flatMap((row) => row.digests)])];
}

function notFound(id: string): ApiFailure {
  return { code: 'privacy_request_not_found', message: `There is no privacy request ${id}.` };
}

const REUSED: ApiFailure = {
  code: 'idempotency_key_reused',
  message: 'Another request was sent with this Idempotency-Key: it is about another identifier or type.',
};
