import { Injectable } from '@nestjs/common';
import { isTaken, type Principal, type Statements } from '@tributary/control';
import { failed, ok, toInstant, type Result } from '@tributary/kernel';
import type { Selectable } from 'kysely';
import { randomUUID } from 'node:crypto';
import { mismatchOf, type Preconditions } from '../../control/changes.js';
import type { ApiFailure } from '../../http/api.errors.js';
import type { PageQuery } from '../../http/page.dto.js';
import { pageIn, type Page } from '../../http/page.js';
import { AccessDatabase } from '../access-database.js';
import type { AccessTables } from '../access.tables.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { emailOf } from './email.js';
import { LinksService } from './links.service.js';
import type { NewUser, NewUserBody, ShownLink, ShownUser, UserBody } from './user.dto.js';

type Row = Selectable<AccessTables['users']>;

const MOST_USERS = 1_000;

/** People who may sign in. */
@Injectable()
export class UsersService {
  constructor(
    private readonly access: AccessDatabase,
    private readonly links: LinksService,
    private readonly sessions: SessionsService,
  ) {}

  async list(page: PageQuery): Promise<Result<Page<ShownUser>, ApiFailure>> {
    const rows = await this.access.database.run((statements) =>
      this.#rows(statements).orderBy('id').execute(),
    );
    return pageIn(rows.map(shown), page, { list: 'users' }, ({ id }) => id);
  }

  async find(id: string): Promise<Result<ShownUser, ApiFailure>> {
    const row = await this.access.database.run((statements) =>
      this.#rows(statements).where('id', '=', id).executeTakeFirst(),
    );
    return row ? ok(shown(row)) : failed(notFound(id));
  }

  /** A user without a password, and the link where they set one: nobody else ever knows it. */
  async create({ email, name, role }: NewUserBody, author: Principal): Promise<Result<NewUser, ApiFailure>> {
    const { now, workspace } = this.access;
    try {
      return await this.access.database.transaction(async (statements) => {
        const rows = await this.#rows(statements).execute();
        if (rows.length >= MOST_USERS) return failed(TOO_MANY);
        const row = await statements
          .insertInto('users')
          .values({
            id: randomUUID(),
            workspace,
            email: emailOf(email),
            name,
            role,
            is_disabled: false,
            version: 1,
            created_at: new Date(now),
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        const user = shown(row);
        await this.#writeDown(statements, author, 'created', undefined, user);
        const { link } = await this.links.make(statements, user.id);
        return ok({ ...user, link });
      });
    } catch (error) {
      if (isTaken(error, 'one_user_of_an_email')) return failed(taken(emailOf(email)));
      throw error;
    }
  }

  async change(
    id: string,
    { name, role, isDisabled }: UserBody,
    preconditions: Preconditions,
    author: Principal,
  ): Promise<Result<ShownUser, ApiFailure>> {
    return this.#changing(id, preconditions, async (before, statements) => {
      const row = await statements
        .updateTable('users')
        .set({ name, role, is_disabled: isDisabled, version: before.version + 1 })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      if (isDisabled) await this.sessions.endAllOf(statements, id);
      const after = shown(row);
      await this.#writeDown(statements, author, 'changed', before, after);
      return after;
    });
  }

  async remove(
    id: string,
    preconditions: Preconditions,
    author: Principal,
  ): Promise<Result<ShownUser, ApiFailure>> {
    return this.#changing(id, preconditions, async (before, statements) => {
      await statements.deleteFrom('users').where('id', '=', id).execute();
      await this.#writeDown(statements, author, 'removed', before, undefined);
      return before;
    });
  }

  /** Another link for a user, who may have forgotten the password: it stays good until the link is used. */
  async link(id: string, author: Principal): Promise<Result<ShownLink, ApiFailure>> {
    return this.#changing(id, {}, async (before, statements) => {
      const made = await this.links.make(statements, id);
      const { expiresAt } = made;
      const entry = { author, action: 'link-made', kind: 'user', subject: before.id, after: { expiresAt } };
      await this.access.writeDown(statements, entry);
      return made;
    });
  }

  async #changing<T>(
    id: string,
    preconditions: Preconditions,
    work: (before: ShownUser, statements: Statements<AccessTables>) => Promise<T>,
  ): Promise<Result<T, ApiFailure>> {
    return this.access.database.transaction(async (statements) => {
      const row = await this.#rows(statements).where('id', '=', id).forUpdate().executeTakeFirst();
      const mismatch = mismatchOf('user', row, preconditions);
      if (mismatch) return failed(mismatch);
      return row ? ok(await work(shown(row), statements)) : failed(notFound(id));
    });
  }

  #rows(statements: Pick<Statements<AccessTables>, 'selectFrom'>) {
    return statements.selectFrom('users').selectAll().where('workspace', '=', this.access.workspace);
  }

  async #writeDown(
    statements: Statements<AccessTables>,
    author: Principal,
    action: string,
    before: ShownUser | undefined,
    after: ShownUser | undefined,
  ): Promise<void> {
    const { id: subject = '', version } = after ?? before ?? {};
    await this.access.writeDown(statements, {
      author,
      action,
      kind: 'user',
      subject,
      version,
      before,
      after,
    });
  }
}

function shown(row: Row): ShownUser {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    isDisabled: row.is_disabled,
    hasPassword: row.password !== null,
    version: row.version,
    createdAt: toInstant(row.created_at.getTime()),
    signedInAt: row.signed_in_at && toInstant(row.signed_in_at.getTime()),
  };
}

function notFound(id: string): ApiFailure {
  return { code: 'user_not_found', message: `There is no user ${id}.` };
}

function taken(email: string): ApiFailure {
  return {
    code: 'email_taken',
    message: `There is a user with the email address ${email}.`,
    details: [{ field: 'email', message: 'is another user’s' }],
  };
}

const TOO_MANY: ApiFailure = { code: 'limit_reached', message: `There are ${MOST_USERS} users already.` };
