import { Inject, Injectable } from '@nestjs/common';
import {
  isSameSecret,
  issue,
  ISSUED_BYTES,
  may,
  readIssued,
  roleGrant,
  secretDigest,
  type Role,
} from '@tributary/access';
import { OPERATOR, type Principal, type Statements } from '@tributary/control';
import { failed, ok, toInstant, type Result } from '@tributary/kernel';
import { CONFIG } from '@tributary/service';
import { sql, type Selectable } from 'kysely';
import { randomBytes } from 'node:crypto';
import type { ApiConfig } from '../../api.config.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { pageIn, type Page } from '../../http/page.js';
import { AccessDatabase } from '../access-database.js';
import type { AccessTables } from '../access.tables.js';
import { OPERATOR_GRANT, type Caller, type Origin } from '../caller.js';
import type { Refused } from '../refused.js';
import { TokensService } from '../tokens/tokens.service.js';
import type { SessionsQuery, ShownSession } from './session.dto.js';

const HOUR_MS = 3_600_000;
const USE_MS = 60_000;
/** Beyond, the ones that were longest unused end. */
const MOST_SESSIONS_OF_ONE = 50;

/** A session that was opened: the text is for the cookie. */
export interface OpenedSession {
  readonly text: string;
  readonly seconds: number;
}

const UNKNOWN: Refused = { reason: 'unknown', message: 'There is no such session, or it was ended.' };

/** Who is signed in. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly access: AccessDatabase,
    private readonly tokens: TokensService,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  async callerOf(text: string): Promise<Result<Caller, Refused>> {
    const issued = readIssued('session', text);
    const row = issued && (await this.#find(issued.id));
    if (!row || !isSameSecret(this.#bound(issued.secret, row), row.digest)) return failed(UNKNOWN);
    const { now } = this.access;
    const idleAt = row.used_at.getTime() + this.config.API_SESSION_IDLE_HOURS * HOUR_MS;
    const endsAt = Math.min(row.expires_at.getTime(), idleAt);
    if (endsAt <= now)
      return failed({ reason: 'expired', message: `The session expired at ${toInstant(endsAt)}.` });
    if (row.is_disabled) return failed({ reason: 'disabled', message: 'The user is disabled.' });
    const session = {
      id: row.id,
      expiresAt: row.expires_at.getTime(),
      csrfToken: secretDigest(`csrf ${issued.secret}`),
    };
    const owner = await this.#ownerOf(row);
    if (!owner.ok) return owner;
    await this.#used(row);
    return ok({ ...owner.value, by: 'session', session });
  }

  /** Opens one for somebody who has shown who they are, and writes that down. */
  async open(
    statements: Statements<AccessTables>,
    principal: Principal,
    { address, agent }: Origin,
  ): Promise<OpenedSession> {
    const { now, workspace } = this.access;
    const { id, secret, text } = issue('session', randomBytes(ISSUED_BYTES));
    const owner = ownerColumns(principal);
    const seconds = this.config.API_SESSION_HOURS * 3_600;
    await this.#makeRoom(statements, owner);
    await statements
      .insertInto('sessions')
      .values({
        id,
        workspace,
        ...owner,
        digest: secretDigest(this.#bound(secret, owner)),
        created_at: new Date(now),
        used_at: new Date(now),
        expires_at: new Date(now + seconds * 1_000),
        address,
        agent,
      })
      .execute();
    const entry = { author: principal, action: 'created', kind: 'session', subject: id };
    await this.access.writeDown(statements, { ...entry, after: { address, agent } });
    return { text, seconds };
  }

  async list(
    { of, ...page }: SessionsQuery,
    caller: Caller,
  ): Promise<Result<Page<ShownSession>, ApiFailure>> {
    if (of === 'all' && !may(caller.grant, { scope: 'admin' }))
      return failed({ code: 'forbidden', message: 'Sessions of others are for the scope "admin".' });
    const rows = await this.access.database.run((statements) =>
      this.#rows(statements).where('s.expires_at', '>', new Date(this.access.now)).orderBy('s.id').execute(),
    );
    const shown = rows
      .map((row) => this.#show(row, caller))
      .filter(({ principal }) => of === 'all' || isSame(principal, caller.principal));
    return pageIn(shown, page, { list: 'sessions', filter: { of } }, ({ id }) => id);
  }

  /** Ends a session: one's own, or anybody's for those who may administer. */
  async end(id: string, caller: Caller): Promise<Result<void, ApiFailure>> {
    return this.access.database.transaction(async (statements) => {
      // One's own ends wherever one looks: an admin of the installation chooses a workspace for each request.
      const rows = id === caller.session?.id ? this.#allRows(statements) : this.#rows(statements);
      const row = await rows.where('s.id', '=', id).executeTakeFirst();
      const before = row && this.#show(row, caller);
      const isTheirs =
        before && (isSame(before.principal, caller.principal) || may(caller.grant, { scope: 'admin' }));
      if (!isTheirs) return failed({ code: 'session_not_found', message: `There is no session ${id}.` });
      await statements.deleteFrom('sessions').where('id', '=', id).execute();
      const entry = { author: caller.principal, action: 'ended', kind: 'session', subject: id };
      await this.access.writeDown(statements, { ...entry, before });
      return ok(undefined);
    });
  }

  /** Ends every session of a user, but one. */
  async endAllOf(statements: Statements<AccessTables>, userId: string, but?: string): Promise<void> {
    const query = statements.deleteFrom('sessions').where('user_id', '=', userId);
    await (but === undefined ? query : query.where('id', '!=', but)).execute();
  }

  async #makeRoom(statements: Statements<AccessTables>, owner: Owner): Promise<void> {
    const { workspace, now } = this.access;
    await statements
      .deleteFrom('sessions')
      .where('workspace', '=', workspace)
      .where('expires_at', '<=', new Date(now))
      .execute();
    await statements
      .deleteFrom('sessions')
      .where('id', 'in', (of) =>
        of
          .selectFrom('sessions')
          .select('id')
          .where('workspace', '=', workspace)
          .where(sql<boolean>`user_id IS NOT DISTINCT FROM ${owner.user_id}`)
          .where(sql<boolean>`token_id IS NOT DISTINCT FROM ${owner.token_id}`)
          .orderBy('used_at', 'desc')
          .offset(MOST_SESSIONS_OF_ONE - 1),
      )
      .execute();
  }

  async #ownerOf(
    row: Found,
  ): Promise<Result<Pick<Caller, 'principal' | 'grant' | 'role' | 'workspace'>, Refused>> {
    const { token_id: tokenId, role, workspace } = row;
    if (tokenId !== null) return this.tokens.callerById(tokenId);
    const principal = principalOf(row);
    return ok(
      role === null
        ? { principal, grant: OPERATOR_GRANT, workspace }
        : { principal, grant: roleGrant(role), role, workspace },
    );
  }

  /** A session of the operator ends when the token of the settings becomes another. */
  #bound(secret: string, { user_id: user, token_id: token }: Owner): string {
    return user === null && token === null ? `${secret}\n${this.config.TRIBUTARY_API_TOKEN}` : secret;
  }

  async #used({ id, used_at: before }: Found): Promise<void> {
    const { now } = this.access;
    if (now - before.getTime() < USE_MS) return;
    await this.access.database.run((statements) =>
      statements
        .updateTable('sessions')
        .set({ used_at: new Date(now) })
        .where('id', '=', id)
        .execute(),
    );
  }

  /** Of whichever workspace: who asks is not known yet. */
  async #find(id: string): Promise<Found | undefined> {
    return this.access.database.run((statements) =>
      this.#allRows(statements).where('s.id', '=', id).executeTakeFirst(),
    );
  }

  #rows(statements: Pick<Statements<AccessTables>, 'selectFrom'>) {
    return this.#allRows(statements).where('s.workspace', '=', this.access.workspace);
  }

  #allRows(statements: Pick<Statements<AccessTables>, 'selectFrom'>) {
    return statements
      .selectFrom('sessions as s')
      .leftJoin('users as u', 'u.id', 's.user_id')
      .leftJoin('api_tokens as t', 't.id', 's.token_id')
      .selectAll('s')
      .select(['u.name as user_name', 'u.role', 'u.is_disabled', 't.name as token_name']);
  }

  #show(row: Found, { session }: Caller): ShownSession {
    return {
      id: row.id,
      principal: principalOf(row),
      createdAt: toInstant(row.created_at.getTime()),
      lastUsedAt: toInstant(row.used_at.getTime()),
      expiresAt: toInstant(row.expires_at.getTime()),
      address: row.address,
      agent: row.agent,
      isThis: row.id === session?.id,
    };
  }
}

interface Owner {
  readonly user_id: string | null;
  readonly token_id: string | null;
}

/** A session with what is looked up of whoever it is of. */
type Found = Selectable<AccessTables['sessions']> & {
  readonly user_name: string | null;
  readonly role: Role | null;
  readonly is_disabled: boolean | null;
  readonly token_name: string | null;
};

function ownerColumns({ kind, id }: Principal): Owner {
  return { user_id: kind === 'user' ? id : null, token_id: kind === 'token' ? id : null };
}

function principalOf(row: Found): Principal {
  const { user_id: userId, token_id: tokenId } = row;
  if (userId !== null) return { id: userId, kind: 'user', name: row.user_name ?? '' };
  return tokenId === null ? OPERATOR : { id: tokenId, kind: 'token', name: row.token_name ?? '' };
}

function isSame(one: Principal, other: Principal): boolean {
  return one.kind === other.kind && one.id === other.id;
}
