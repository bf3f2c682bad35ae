import { Injectable } from '@nestjs/common';
import type { Principal, Statements } from '@tributary/control';
import { failed, ok, type Result } from '@tributary/kernel';
import { ApiError, type ApiFailure } from '../../http/api.errors.js';
import { AccessDatabase } from '../access-database.js';
import type { AccessTables } from '../access.tables.js';
import type { Origin } from '../caller.js';
import type { OpenedSession } from '../sessions/sessions.service.js';
import { SignInService, type SignedIn } from '../sessions/sign-in.service.js';
import { emailOf } from '../users/email.js';
import { OidcClient, type ProvidedIdentity } from './oidc-client.js';
import type { Begun } from './oidc-cookie.js';

/** Signs users in by the provider. An admin has added them; their email addresses say who they are. */
@Injectable()
export class OidcService {
  constructor(
    private readonly client: OidcClient,
    private readonly signIns: SignInService,
    private readonly access: AccessDatabase,
  ) {}

  async end(
    query: string,
    begun: Begun | undefined,
    origin: Origin,
  ): Promise<Result<OpenedSession, ApiFailure>> {
    const late = this.signIns.throttledBy(origin);
    if (late) return failed(late);
    const identity = begun ? await this.#identityOf(query, begun) : failed(NOT_BEGUN);
    const user = identity.ok ? await this.#userOf(identity.value) : identity;
    const found = user.ok ? signedIn(user.value) : user;
    return this.signIns.signInBy(origin, found, async (statements) =>
      identity.ok && user.ok && !user.value.isBound
        ? this.#bind(statements, user.value, identity.value)
        : undefined,
    );
  }

  async #identityOf(query: string, begun: Begun): Promise<Result<ProvidedIdentity, ApiFailure>> {
    try {
      return ok(await this.client.end(query, begun));
    } catch (error) {
      if (error instanceof ApiError) return failed(error.failure);
      throw error;
    }
  }

  /** Of any workspace: an email address is one user's. */
  async #userOf({
    issuer,
    subject,
    email,
    isEmailVerified,
  }: ProvidedIdentity): Promise<Result<User, ApiFailure>> {
    const known = await this.access.database.run((statements) =>
      users(statements)
        .innerJoin('oidc_identities as i', 'i.user_id', 'u.id')
        .where('i.issuer', '=', issuer)
        .where('i.subject', '=', subject)
        .executeTakeFirst(),
    );
    if (known) return ok({ ...known, isBound: true });
    if (email === undefined) return refusal('The provider tells no email address: look at OIDC_SCOPES.');
    if (!isEmailVerified) return refusal(`The provider has not verified the email address ${email}.`);
    const user = await this.access.database.run((statements) =>
      users(statements).where('u.email', '=', emailOf(email)).executeTakeFirst(),
    );
    return user
      ? ok({ ...user, isBound: false })
      : refusal(`There is no user with the email address ${email}: ask an admin to add one.`);
  }

  /** The user of an email address is from now on whoever has it at the provider now. */
  async #bind(
    statements: Statements<AccessTables>,
    { id, name }: User,
    { issuer, subject }: ProvidedIdentity,
  ): Promise<ApiFailure | undefined> {
    const { numInsertedOrUpdatedRows: made } = await statements
      .insertInto('oidc_identities')
      .values({ issuer, subject, user_id: id })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (made === 0n) return CHANGED_HANDS;
    const author: Principal = { id, kind: 'user', name };
    const entry = { author, action: 'bound', kind: 'user', subject: id, after: { issuer, subject } };
    await this.access.writeDown(statements, entry);
    return undefined;
  }
}

interface User {
  readonly id: string;
  readonly name: string;
  readonly workspace: string;
  readonly is_disabled: boolean;
  /** To the account at the provider. */
  readonly isBound: boolean;
}

function users(statements: Pick<Statements<AccessTables>, 'selectFrom'>) {
  return statements.selectFrom('users as u').select(['u.id', 'u.name', 'u.workspace', 'u.is_disabled']);
}

function signedIn({ id, name, workspace, is_disabled: isDisabled }: User): Result<SignedIn, ApiFailure> {
  if (isDisabled) return refusal('The user is disabled.');
  return ok({ principal: { id, kind: 'user', name }, workspace });
}

const CHANGED_HANDS: ApiFailure = {
  code: 'sign_in_failed',
  message:
    'The user with this email address is somebody else at the provider: if the address has changed hands, ask an admin to remove the user and add another.',
};

const NOT_BEGUN: ApiFailure = {
  code: 'sign_in_failed',
  message: 'This browser has begun no sign-in, or more than ten minutes ago: begin at /v1/session/oidc.',
};

function refusal(message: string): Result<never, ApiFailure> {
  return failed({ code: 'sign_in_failed', message });
}
