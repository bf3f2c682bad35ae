import type { Role, Scope } from '@tributary/access';
import type { ControlTables, Principal } from '@tributary/control';
import type { ColumnType, Generated, JSONColumnType } from 'kysely';

type At = ColumnType<Date, Date, Date>;
type SometimesAt = ColumnType<Date | null, Date | null, Date | null>;
type Value = ColumnType<object | null, string | null, never>;

interface TokensTable {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly scopes: JSONColumnType<readonly Scope[]>;
  readonly digest: string;
  readonly former_digest: string | null;
  readonly former_until: SometimesAt;
  readonly created_at: At;
  readonly created_by: JSONColumnType<Principal>;
  readonly expires_at: SometimesAt;
  readonly revoked_at: SometimesAt;
  readonly used_at: SometimesAt;
}

interface UsersTable {
  readonly id: string;
  readonly workspace: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** PHC string; null: nobody has set one yet. */
  readonly password: string | null;
  readonly is_disabled: boolean;
  readonly version: number;
  readonly created_at: At;
  readonly signed_in_at: SometimesAt;
}

interface SessionsTable {
  readonly id: string;
  readonly workspace: string;
  readonly digest: string;
  /** Whose it is; without either it is the operator's. */
  readonly user_id: string | null;
  readonly token_id: string | null;
  readonly created_at: At;
  readonly used_at: At;
  readonly expires_at: At;
  readonly address: string;
  readonly agent: string;
}

/** The account at the provider that a user signs in with. The first sign-in writes it. */
interface OidcIdentitiesTable {
  readonly issuer: string;
  readonly subject: string;
  readonly user_id: string;
}

interface LinksTable {
  readonly id: string;
  readonly workspace: string;
  readonly digest: string;
  /** Who sets a password by it; null: the first user of all. */
  readonly user_id: string | null;
  readonly expires_at: At;
}

interface AuditTable {
  readonly seq: Generated<string>;
  readonly workspace: string;
  readonly at: At;
  readonly author: JSONColumnType<Principal>;
  readonly action: string;
  readonly kind: string;
  readonly subject: string;
  readonly version: ColumnType<string | null, number | null, never>;
  readonly before: Value;
  readonly after: Value;
  readonly reason: string | null;
}

/** The tables of who may do what, beside those of definitions. */
export interface AccessTables extends ControlTables {
  readonly api_tokens: TokensTable;
  readonly users: UsersTable;
  readonly sessions: SessionsTable;
  readonly one_time_links: LinksTable;
  readonly oidc_identities: OidcIdentitiesTable;
  readonly audit: AuditTable;
}
