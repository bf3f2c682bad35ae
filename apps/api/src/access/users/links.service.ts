import { Inject, Injectable } from '@nestjs/common';
import {
  isSameSecret,
  issue,
  ISSUED_BYTES,
  passwordFault,
  readIssued,
  secretDigest,
} from '@tributary/access';
import { lock, type Statements } from '@tributary/control';
import { failed, ok, toInstant, type Result } from '@tributary/kernel';
import { CONFIG } from '@tributary/service';
import type { Selectable } from 'kysely';
import { randomBytes, randomUUID } from 'node:crypto';
import type { ApiConfig } from '../../api.config.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { AccessDatabase } from '../access-database.js';
import type { AccessTables } from '../access.tables.js';
import type { Origin } from '../caller.js';
import { enterWorkspace } from '../../workspaces/current-workspace.js';
import { Passwords } from '../sessions/passwords.js';
import type { LinkBody } from '../sessions/session.dto.js';
import { SessionsService, type OpenedSession } from '../sessions/sessions.service.js';
import { badPassword } from '../sessions/sign-in.service.js';
import { EMAIL_PATTERN, emailOf } from './email.js';
import type { ShownLink } from './user.dto.js';

const DAY_MS = 86_400_000;
const USER_LINK_MS = 3 * DAY_MS;
const FIRST_LINK_MS = DAY_MS;

type Row = Selectable<AccessTables['one_time_links']>;

/** Links by which somebody sets a password, once. */
@Injectable()
export class LinksService {
  constructor(
    private readonly access: AccessDatabase,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  /** For a user who is there; links before it are good no more. */
  async make(statements: Statements<AccessTables>, userId: string): Promise<ShownLink> {
    await statements.deleteFrom('one_time_links').where('user_id', '=', userId).execute();
    return this.#make(statements, userId, USER_LINK_MS);
  }

  /** Where the first user makes themselves; undefined where there are users. */
  async forFirstUser(): Promise<ShownLink | undefined> {
    return this.access.database.transaction(async (statements) => {
      if (await this.#hasUsers(statements)) return undefined;
      await statements
        .deleteFrom('one_time_links')
        .where('expires_at', '<=', new Date(this.access.now))
        .execute();
      return this.#make(statements, null, FIRST_LINK_MS);
    });
  }

  /** Sets the password, ends what sessions there were, and signs in. */
  async use(body: LinkBody, origin: Origin): Promise<Result<OpenedSession, ApiFailure>> {
    const issued = readIssued('link', body.code);
    const found = issued && (await this.#find(this.access.database, issued.id));
    if (!issued || !found || !this.#isGood(found, issued.secret)) return failed(NOT_GOOD);
    enterWorkspace(found.workspace);
    const email = found.user_id === null ? emailOf(body.email ?? '') : await this.#emailOf(found.user_id);
    if (!new RegExp(EMAIL_PATTERN).test(email)) return failed(NO_EMAIL);
    const fault = passwordFault(body.password, email);
    if (fault !== undefined) return failed(badPassword(fault));
    // Before the transaction: a hash takes its time.
    const hash = await this.passwords.hash(body.password);
    return this.access.database.transaction(async (statements) => {
      // Before any row: whoever is the first user removes the links of others who want to be.
      if (found.user_id === null) await lock(statements, `tributary.first-user/${this.access.workspace}`);
      const { numDeletedRows } = await statements
        .deleteFrom('one_time_links')
        .where('id', '=', issued.id)
        .executeTakeFirst();
      if (numDeletedRows === 0n) return failed(NOT_GOOD);
      const user =
        found.user_id === null
          ? await this.#firstUser(statements, { email, name: body.name ?? email, hash })
          : await this.#setPassword(statements, found.user_id, hash);
      if (!user) return failed(NOT_GOOD);
      return ok(await this.sessions.open(statements, { ...user, kind: 'user' }, origin));
    });
  }

  async #make(
    statements: Statements<AccessTables>,
    userId: string | null,
    forMs: number,
  ): Promise<ShownLink> {
    const { id, secret, text } = issue('link', randomBytes(ISSUED_BYTES));
    const expiresAt = this.access.now + forMs;
    await statements
      .insertInto('one_time_links')
      .values({
        id,
        workspace: this.access.workspace,
        digest: secretDigest(secret),
        user_id: userId,
        expires_at: new Date(expiresAt),
      })
      .execute();
    // What is behind # is sent to no server, and lies in no log.
    return { link: `${this.config.API_PUBLIC_URL ?? ''}/welcome#${text}`, expiresAt: toInstant(expiresAt) };
  }

  async #firstUser(
    statements: Statements<AccessTables>,
    { email, name, hash }: { readonly email: string; readonly name: string; readonly hash: string },
  ): Promise<{ readonly id: string; readonly name: string } | undefined> {
    const { workspace, now } = this.access;
    if (await this.#hasUsers(statements)) return undefined;
    const id = randomUUID();
    await statements
      .insertInto('users')
      .values({
        id,
        workspace,
        email,
        name,
        role: 'admin',
        password: hash,
        is_disabled: false,
        version: 1,
        created_at: new Date(now),
      })
      .execute();
    await statements
      .deleteFrom('one_time_links')
      .where('workspace', '=', workspace)
      .where('user_id', 'is', null)
      .execute();
    const author = { id, kind: 'user', name } as const;
    const after = { email, name, role: 'admin' };
    await this.access.writeDown(statements, {
      author,
      action: 'created',
      kind: 'user',
      subject: id,
      version: 1,
      after,
    });
    return { id, name };
  }

  async #setPassword(
    statements: Statements<AccessTables>,
    id: string,
    hash: string,
  ): Promise<{ readonly id: string; readonly name: string } | undefined> {
    const user = await statements
      .updateTable('users')
      .set({ password: hash })
      .where('id', '=', id)
      .where('is_disabled', '=', false)
      .returning(['id', 'name'])
      .executeTakeFirst();
    if (!user) return undefined;
    await this.sessions.endAllOf(statements, id);
    const author = { id, kind: 'user', name: user.name } as const;
    await this.access.writeDown(statements, {
      author,
      action: 'password-changed',
      kind: 'user',
      subject: id,
    });
    return user;
  }

  /** Of whichever workspace: who comes by it is not known yet. */
  async #find(database: AccessDatabase['database'], id: string): Promise<Row | undefined> {
    return database.run((statements) =>
      statements.selectFrom('one_time_links').selectAll().where('id', '=', id).executeTakeFirst(),
    );
  }

  #isGood({ digest, expires_at: until }: Row, secret: string): boolean {
    return isSameSecret(secret, digest) && until.getTime() > this.access.now;
  }

  async #emailOf(id: string): Promise<string> {
    const user = await this.access.database.run((statements) =>
      statements.selectFrom('users').select('email').where('id', '=', id).executeTakeFirst(),
    );
    return user?.email ?? '';
  }

  async #hasUsers(statements: Statements<AccessTables>): Promise<boolean> {
    const user = await statements
      .selectFrom('users')
      .select('id')
      .where('workspace', '=', this.access.workspace)
      .limit(1)
      .executeTakeFirst();
    return user !== undefined;
  }
}

const NOT_GOOD: ApiFailure = {
  code: 'link_not_good',
  message: 'The link was used, has expired, or never was.',
};

const NO_EMAIL: ApiFailure = {
  code: 'invalid_request',
  message: 'email must be an email address',
  details: [{ field: 'email', message: 'must be an email address' }],
};
