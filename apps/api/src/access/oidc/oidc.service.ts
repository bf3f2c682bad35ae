import { Injectable } from '@nestjs/common';
import type { Principal, Statements } from '@tributary/control';
import { failed, ok, type Result } from '@tributary/kernel';
import { ApiError, type ApiFailure } from '../../http/api.errors.js';
import { AccessDatabase } from '../access-database.js';
import type { AccessTables } from '../access.tables.js';
import type { Origin } from '../caller.js';
import type { OpenedSession } from '../sessions/sessions.service.js';
import { SignInService } from '../sessions/sign-in.service.js';
import { emailOf } from '../users/email.js';
import { OidcClient, type ProvidedIdentity } from './oidc-client.js';
import type { Begun } from './oidc-cookie.js';

/** Signs in users by the provider: those whom an admin has added, by their email addresses. */
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
    if (!begun) return this.#refused(NOT_BEGUN);
    let identity: ProvidedIdentity;
    try {
      identity = await this.client.end(query, begun);
    } catch (error) {
      if (error instanceof ApiError) return this.#refused(error.failure);
      throw error;
    }
    return this.signIns.signInBy(origin, (statements) => this.#userOf(statements, identity));
  }

  #refused(failure: ApiFailure): Result<never, ApiFailure> {
    this.signIns.refusedBy();
    return failed(failure);
  }

  async #userOf(
    statements: Statements<AccessTables>,
    identity: ProvidedIdentity,
  ): Promise<Result<Principal, ApiFailure>> {
    const known = await this.#users(statements)
      .innerJoin('oidc_identities as i', 'i.user_id', 'u.id')
      .where('i.workspace', '=', this.access.workspace)
      .where('i.issuer', '=', identity.issuer)
      .where('i.subject', '=', identity.subject)
      .executeTakeFirst();
    const user = known ? ok(known) : await this.#bound(statements, identity);
    if (!user.ok) return user;
    const { id, name, is_disabled: isDisabled } = user.value;
    return isDisabled ? refusal('The user is disabled.') : ok({ id, kind: 'user', name });
  }

  /** The user of an email address is from now on whoever has it at the provider now. */
  async #bound(
    statements: Statements<AccessTables>,
    { issuer, subject, email, isEmailVerified }: ProvidedIdentity,
  ): Promise<Result<User, ApiFailure>> {
    if (email === undefined) return refusal('The provider tells no email address: look at OIDC_SCOPES.');
    if (!isEmailVerified) return refusal(`The provider has not verified the email address ${email}.`);
    const user = await this.#users(statements)
      .where('u.email', '=', emailOf(email))
      .forUpdate()
      .executeTakeFirst();
    if (!user) return refusal(`There is no user with the email address ${email}: ask an admin to add one.`);
    const { numInsertedOrUpdatedRows: made } = await statements
      .insertInto('oidc_identities')
      .values({ workspace: this.access.workspace, issuer, subject, user_id: user.id })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (made === 0n)
      return refusal(
        `The user with the email address ${email} is somebody else at the provider: if the address has changed hands, ask an admin to remove the user and add another.`,
      );
    const author: Principal = { id: user.id, kind: 'user', name: user.name };
    const entry = { author, action: 'bound', kind: 'user', subject: user.id, after: { issuer, subject } };
    await this.access.writeDown(statements, entry);
    return ok(user);
  }

  #users(statements: Statements<AccessTables>) {
    return statements
      .selectFrom('users as u')
      .select(['u.id', 'u.name', 'u.is_disabled'])
      .where('u.workspace', '=', this.access.workspace);
  }
}

interface User {
  readonly id: string;
  readonly name: string;
  readonly is_disabled: boolean;
}

const NOT_BEGUN: ApiFailure = {
  code: 'sign_in_failed',
  message: 'This browser has begun no sign-in, or more than ten minutes ago: begin at /v1/session/oidc.',
};

function refusal(message: string): Result<never, ApiFailure> {
  return failed({ code: 'sign_in_failed', message });
}
