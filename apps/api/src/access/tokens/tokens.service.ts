import { Injectable } from '@nestjs/common';
import { issue, ISSUED_BYTES, lifeOf, readIssued, scopeGrant, secretDigest } from '@tributary/access';
import type { Principal, Statements } from '@tributary/control';
import { failed, ok, toInstant, type Result } from '@tributary/kernel';
import type { Selectable } from 'kysely';
import { randomBytes } from 'node:crypto';
import { Remembered } from '../../control/remembered.js';
import type { ApiFailure } from '../../http/api.errors.js';
import type { PageQuery } from '../../http/page.dto.js';
import { pageIn, type Page } from '../../http/page.js';
import { WorkspacesService } from '../../workspaces/workspaces.service.js';
import { AccessDatabase } from '../access-database.js';
import type { AccessTables } from '../access.tables.js';
import type { Caller } from '../caller.js';
import type { Refused } from '../refused.js';
import type { NewToken, RotateBody, ShownToken, TokenBody } from './token.dto.js';

type Row = Selectable<AccessTables['api_tokens']>;

const MOST_TOKENS = 1_000;
/** The last use is written so often at most. */
const USE_MS = 60_000;

const ENDED = {
  expired: 'expired at',
  revoked: 'was revoked at',
  rotated: 'has another secret: this one was good until',
} as const;

const UNKNOWN: Refused = { reason: 'unknown', message: 'There is no such token.' };

/** API tokens. */
@Injectable()
export class TokensService {
  /** By id, of whichever workspace: who asks is not known yet. One that was revoked elsewhere is good for so long. */
  readonly #rows = new Remembered((id) => this.#findAnywhere(id));

  constructor(
    private readonly access: AccessDatabase,
    workspaces: WorkspacesService,
  ) {
    workspaces.onRemoved(() => {
      this.#rows.forget();
    });
  }

  /** Who has a token, by its text. */
  async callerOf(text: string): Promise<Result<Caller, Refused>> {
    const issued = readIssued('token', text);
    const row = issued && (await this.#rows.get(issued.id));
    if (!row) return failed(UNKNOWN);
    return this.#caller(row, issued.secret);
  }

  /** Who has a token, by its id, for a session that was opened with it. */
  async callerById(id: string): Promise<Result<Caller, Refused>> {
    const row = await this.#rows.get(id);
    return row ? this.#caller(row, undefined) : failed(UNKNOWN);
  }

  async list(page: PageQuery): Promise<Result<Page<ShownToken>, ApiFailure>> {
    const rows = await this.access.database.run((statements) =>
      statements
        .selectFrom('api_tokens')
        .selectAll()
        .where('workspace', '=', this.access.workspace)
        .orderBy('id')
        .execute(),
    );
    const shown = rows.map((row) => this.#show(row));
    return pageIn(shown, page, { list: 'tokens' }, ({ id }) => id);
  }

  async find(id: string): Promise<Result<ShownToken, ApiFailure>> {
    const row = await this.access.database.run((statements) => this.#find(statements, id));
    return row ? ok(this.#show(row)) : failed(notFound(id));
  }

  async create(
    { name, scopes, expiresAt }: TokenBody,
    author: Principal,
  ): Promise<Result<NewToken, ApiFailure>> {
    const { now, workspace } = this.access;
    if (expiresAt !== undefined && Date.parse(expiresAt) <= now) return failed(PAST);
    const { id, secret, text } = issue('token', randomBytes(ISSUED_BYTES));
    return this.access.database.transaction(async (statements) => {
      const { count } = await statements
        .selectFrom('api_tokens')
        .select((of) => of.fn.countAll<string>().as('count'))
        .where('workspace', '=', workspace)
        .executeTakeFirstOrThrow();
      if (Number(count) >= MOST_TOKENS) return failed(TOO_MANY);
      const row = await statements
        .insertInto('api_tokens')
        .values({
          id,
          workspace,
          name,
          scopes: JSON.stringify(scopes),
          digest: secretDigest(secret),
          created_at: new Date(now),
          created_by: JSON.stringify(author),
          expires_at: expiresAt === undefined ? null : new Date(expiresAt),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const shown = this.#show(row);
      await this.#writeDown(statements, author, 'created', undefined, shown);
      return ok({ ...shown, token: text });
    });
  }

  /** A new secret; the one before is good for a while, so that nobody is without one. */
  async rotate(
    id: string,
    { overlapSeconds }: RotateBody,
    author: Principal,
  ): Promise<Result<NewToken, ApiFailure>> {
    const { now } = this.access;
    const { secret, text } = issue('token', randomBytes(ISSUED_BYTES), id);
    const rotated = await this.access.database.transaction<Result<NewToken, ApiFailure>>(
      async (statements) => {
        const before = await this.#find(statements, id, true);
        if (!before) return failed(notFound(id));
        if (before.revoked_at) return failed(revoked(id));
        const row = await statements
          .updateTable('api_tokens')
          .set({
            digest: secretDigest(secret),
            former_digest: before.digest,
            former_until: new Date(now + overlapSeconds * 1_000),
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        const shown = this.#show(row);
        await this.#writeDown(statements, author, 'rotated', this.#show(before), shown);
        return ok({ ...shown, token: text });
      },
    );
    this.#rows.forget(id);
    return rotated;
  }

  /** It is good for nothing from now on, and stays in the list. Again: nothing changes. */
  async revoke(id: string, author: Principal): Promise<Result<void, ApiFailure>> {
    const { now } = this.access;
    const done = await this.access.database.transaction<Result<void, ApiFailure>>(async (statements) => {
      const before = await this.#find(statements, id, true);
      if (!before) return failed(notFound(id));
      if (before.revoked_at) return ok(undefined);
      const row = await statements
        .updateTable('api_tokens')
        .set({ revoked_at: new Date(now) })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await statements.deleteFrom('sessions').where('token_id', '=', id).execute();
      await this.#writeDown(statements, author, 'revoked', this.#show(before), this.#show(row));
      return ok(undefined);
    });
    this.#rows.forget(id);
    return done;
  }

  async #caller(row: Row, secret: string | undefined): Promise<Result<Caller, Refused>> {
    const { now } = this.access;
    const kept = {
      digest: row.digest,
      former:
        row.former_digest !== null && row.former_until
          ? { digest: row.former_digest, until: row.former_until.getTime() }
          : undefined,
      expiresAt: row.expires_at?.getTime(),
      revokedAt: row.revoked_at?.getTime(),
    };
    const life = lifeOf(kept, secret, now);
    if (life.state === 'unknown') return failed(UNKNOWN);
    if (life.state !== 'good') {
      const message = `The token "${row.name}" ${ENDED[life.state]} ${toInstant(life.since)}.`;
      return failed({ reason: life.state, message });
    }
    await this.#used(row);
    return ok({
      principal: { id: row.id, kind: 'token', name: row.name },
      grant: scopeGrant(row.scopes),
      workspace: row.workspace,
      by: 'token',
    });
  }

  async #used(row: Row): Promise<void> {
    const { now } = this.access;
    const { id, used_at: before } = row;
    if (before && now - before.getTime() < USE_MS) return;
    // It is asked for again before it is read again.
    row.used_at = new Date(now);
    await this.access.database.run((statements) =>
      statements
        .updateTable('api_tokens')
        .set({ used_at: new Date(now) })
        .where('id', '=', id)
        .where((row) => row.or([row('used_at', 'is', null), row('used_at', '<=', new Date(now - USE_MS))]))
        .execute(),
    );
  }

  #findAnywhere(id: string): Promise<Row | undefined> {
    return this.access.database.run((statements) =>
      statements.selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst(),
    );
  }

  async #find(
    statements: Pick<Statements<AccessTables>, 'selectFrom'>,
    id: string,
    locked = false,
  ): Promise<Row | undefined> {
    const query = statements
      .selectFrom('api_tokens')
      .selectAll()
      .where('workspace', '=', this.access.workspace)
      .where('id', '=', id);
    return (locked ? query.forUpdate() : query).executeTakeFirst();
  }

  #show(row: Row): ShownToken {
    const { now } = this.access;
    const former = row.former_until && row.former_until.getTime() > now ? row.former_until : null;
    const isExpired = row.expires_at !== null && row.expires_at.getTime() <= now;
    return {
      id: row.id,
      name: row.name,
      scopes: row.scopes,
      state: row.revoked_at ? 'revoked' : isExpired ? 'expired' : 'good',
      createdAt: toInstant(row.created_at.getTime()),
      createdBy: row.created_by,
      expiresAt: instantOf(row.expires_at),
      formerSecretUntil: instantOf(former),
      revokedAt: instantOf(row.revoked_at),
      lastUsedAt: instantOf(row.used_at),
    };
  }

  async #writeDown(
    statements: Statements<AccessTables>,
    author: Principal,
    action: string,
    before: ShownToken | undefined,
    after: ShownToken,
  ): Promise<void> {
    const entry = { author, action, kind: 'token', subject: after.id, before, after };
    await this.access.writeDown(statements, entry);
  }
}

function instantOf(at: Date | null): string | null {
  return at && toInstant(at.getTime());
}

function notFound(id: string): ApiFailure {
  return { code: 'token_not_found', message: `There is no token ${id}.` };
}

function revoked(id: string): ApiFailure {
  return { code: 'token_revoked', message: `The token ${id} is revoked: make another.` };
}

const PAST: ApiFailure = {
  code: 'invalid_request',
  message: 'expiresAt is in the past',
  details: [{ field: 'expiresAt', message: 'is in the past' }],
};

const TOO_MANY: ApiFailure = {
  code: 'limit_reached',
  message: `There are ${MOST_TOKENS} tokens already, with those that were revoked.`,
};
