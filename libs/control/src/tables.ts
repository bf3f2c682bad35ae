import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Principal } from './principal.js';

type At = ColumnType<Date, Date, Date>;
/** bigint, as text comes from the driver. */
type Count = ColumnType<string, number, number>;
/** JSON as its text was written; null: removed. */
type Value = ColumnType<object | null, string | null, string | null>;

interface Key {
  readonly workspace: string;
  readonly kind: string;
  /** Stands for the id where that may be too long for an index: see `keyOf`. */
  readonly key: string;
}

/** The tables of this library. */
export interface ControlTables {
  /** One row a definition that is or was in force: its current version. */
  readonly definitions: Key & { readonly id: string; readonly version: Count; readonly value: Value };
  /** Every version there ever was. */
  readonly definition_versions: Key & {
    readonly id: string;
    readonly version: Count;
    readonly value: Value;
    readonly author: JSONColumnType<Principal>;
    readonly reason: string | null;
    readonly at: At;
  };
  /** What only one definition of a kind may have, such as a write key: as digests. */
  readonly definition_claims: Key & { readonly claim: string };
  /** Versions that the topics do not have yet, in the order of their commits. */
  readonly outbox: Key & { readonly seq: Generated<string>; readonly id: string; readonly version: Count };
  /** Which kinds of a workspace have been taken over from the topics. */
  readonly imports: Pick<Key, 'workspace' | 'kind'> & { readonly at: At };
}
