import { Inject, Injectable } from '@nestjs/common';
import { passwordFault, SignInThrottle } from '@tributary/access';
import type { Principal, Statements } from '@tributary/control';
import { failed, ok, type Result } from '@tributary/kernel';
import { METRICS } from '@tributary/service';
import { Counter, type Registry } from 'prom-client';
import type { ApiFailure } from '../../http/api.errors.js';
import { AccessDatabase } from '../access-database.js';
import type { AccessTables } from '../access.tables.js';
import { Authenticator } from '../authenticator.js';
import type { Caller, Origin } from '../caller.js';
import { enterWorkspace } from '../../workspaces/current-workspace.js';
import { WorkspacesService } from '../../workspaces/workspaces.service.js';
import { emailOf } from '../users/email.js';
import { Passwords } from './passwords.js';
import type { PasswordBody, SignInBody } from './session.dto.js';
import { SessionsService, type OpenedSession } from './sessions.service.js';

/** Signs people in, and lets them change their passwords. */
@Injectable()
export class SignInService {
  readonly #throttle = new SignInThrottle();
  readonly #attempts: Counter<'outcome'>;

  constructor(
    private readonly access: AccessDatabase,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly authenticator: Authenticator,
    private readonly workspaces: WorkspacesService,
    @Inject(METRICS) registry: Registry,
  ) {
    this.#attempts = new Counter({
      name: 'tributary_api_sign_ins_total',
      help: 'Attempts to sign in, by what came of them',
      labelNames: ['outcome'],
      registers: [registry],
    });
  }

  async signIn(body: SignInBody, origin: Origin): Promise<Result<OpenedSession, ApiFailure>> {
    const { token, email = '', password = '' } = body;
    // Guesses of tokens have nothing in common but where they come from.
    const account = token === undefined ? emailOf(email) : `token ${origin.address}`;
    const late = this.#throttled(account, origin);
    if (late) return failed(late);
    const found =
      token === undefined
        ? await this.#byPassword(account, password)
        : await this.authenticator.ofToken(token);
    this.#attempts.inc({ outcome: found ? 'signed_in' : 'refused' });
    if (!found) return failed(WRONG);
    this.#throttle.succeeded(account, origin.address);
    return this.#enter(found, origin);
  }

  /**
   * Signs in whoever a provider has named; `bind` is done in the same transaction, and may refuse. Attempts that fail
   * count against the address, as guesses do.
   */
  async signInBy(
    origin: Origin,
    found: Result<SignedIn, ApiFailure>,
    bind: (statements: Statements<AccessTables>) => Promise<ApiFailure | undefined>,
  ): Promise<Result<OpenedSession, ApiFailure>> {
    const signedIn = found.ok ? await this.#enter(found.value, origin, bind) : found;
    this.#attempts.inc({ outcome: signedIn.ok ? 'signed_in' : 'refused' });
    if (signedIn.ok) this.#throttle.succeeded(providerAccount(origin), origin.address);
    return signedIn;
  }

  /** Why an attempt by a provider has to wait; undefined, and it counts, where it has not. */
  throttledBy(origin: Origin): ApiFailure | undefined {
    return this.#throttled(providerAccount(origin), origin);
  }

  /** The other sessions of the user end: whoever knew the password before is out. */
  async changePassword(
    { current, password }: PasswordBody,
    { principal, session }: Caller,
    origin: Origin,
  ): Promise<Result<void, ApiFailure>> {
    if (principal.kind !== 'user')
      return failed({ code: 'forbidden', message: 'Only users have a password; a token is rotated.' });
    const late = this.#throttled(principal.id, origin);
    if (late) return failed(late);
    const user = await this.access.database.run((statements) =>
      statements
        .selectFrom('users')
        .select(['email', 'password'])
        .where('id', '=', principal.id)
        .executeTakeFirst(),
    );
    if (!(await this.passwords.verify(current, user?.password ?? null)))
      return failed({ code: 'sign_in_failed', message: 'The current password is wrong.' });
    this.#throttle.succeeded(principal.id, origin.address);
    const fault = passwordFault(password, user?.email ?? '');
    if (fault !== undefined) return failed(badPassword(fault));
    const hash = await this.passwords.hash(password);
    return this.access.database.transaction(async (statements) => {
      await statements.updateTable('users').set({ password: hash }).where('id', '=', principal.id).execute();
      await this.sessions.endAllOf(statements, principal.id, session?.id);
      const entry = { author: principal, action: 'password-changed', kind: 'user', subject: principal.id };
      await this.access.writeDown(statements, entry);
      return ok(undefined);
    });
  }

  async #enter(
    { principal, workspace }: SignedIn,
    origin: Origin,
    bind?: (statements: Statements<AccessTables>) => Promise<ApiFailure | undefined>,
  ): Promise<Result<OpenedSession, ApiFailure>> {
    const refusal = await this.workspaces.refusalOf(workspace);
    if (refusal) return failed(refusal);
    enterWorkspace(workspace);
    return this.access.database.transaction(async (statements) => {
      const refused = await bind?.(statements);
      if (refused) return failed(refused);
      if (principal.kind === 'user')
        await statements
          .updateTable('users')
          .set({ signed_in_at: new Date(this.access.now) })
          .where('id', '=', principal.id)
          .execute();
      return ok(await this.sessions.open(statements, principal, origin));
    });
  }

  async #byPassword(email: string, password: string): Promise<SignedIn | undefined> {
    const user = await this.access.database.run((statements) =>
      statements
        .selectFrom('users')
        .select(['id', 'workspace', 'name', 'password', 'is_disabled'])
        .where('email', '=', email)
        .executeTakeFirst(),
    );
    const isRight = await this.passwords.verify(password, user?.password ?? null);
    if (!user || !isRight || user.is_disabled) return undefined;
    return { principal: { id: user.id, kind: 'user', name: user.name }, workspace: user.workspace };
  }

  #throttled(account: string, { address }: Origin): ApiFailure | undefined {
    const wait = this.#throttle.attempt(account, address, this.access.now);
    if (wait === 0) return undefined;
    this.#attempts.inc({ outcome: 'throttled' });
    const retryAfterSeconds = Math.ceil(wait / 1_000);
    return {
      code: 'too_many_attempts',
      message: `Too many attempts to sign in; the next one is taken in ${retryAfterSeconds} s.`,
      details: { retryAfterSeconds },
    };
  }
}

/** Until the provider has answered, nobody is named: attempts have nothing in common but where they come from. */
function providerAccount({ address }: Origin): string {
  return `provider ${address}`;
}

/** Somebody who has shown who they are, and the workspace that they belong to. */
export interface SignedIn {
  readonly principal: Principal;
  readonly workspace: string;
}

const WRONG: ApiFailure = {
  code: 'sign_in_failed',
  message: 'The email address or the password is wrong, or the user is disabled.',
};

/** Why a password is not taken, as an answer. */
export function badPassword(fault: string): ApiFailure {
  return {
    code: 'invalid_request',
    message: `password ${fault}`,
    details: [{ field: 'password', message: fault }],
  };
}
