import { failed, ok, type Result } from '@tributary/kernel';
import type { Kysely } from 'kysely';
import type { Database, Statements } from '../database.js';
import { lock, lockShared, notify, workspaceLock } from '../locks.js';
import type { Principal } from '../principal.js';
import type { Secrets } from '../secrets.js';
import type { ControlTables } from '../tables.js';
import type { Authorship } from './authorship.js';
import { Claims, TakenError, type Taken } from './claims.js';
import { keyOf, type DefinitionKind } from './kind.js';
import { MASK, type OnChange } from './on-change.js';
import { OUTBOX_CHANNEL, OUTBOX_LOCK } from './outbox-channels.js';

/** A definition in force, and its version. */
export interface Definition<T> {
  readonly id: string;
  readonly value: T;
  /** Grows with every change, by one. */
  readonly version: number;
}

/** A version of a definition, in force or not. */
export interface DefinitionVersion<T> {
  readonly version: number;
  /** Absent: the definition was removed. */
  readonly value?: T;
  readonly author: Principal;
  readonly reason?: string;
  /** Unix time, milliseconds. */
  readonly at: number;
}

/** What is to become of a definition. */
export type Change<T> = { readonly put: T } | 'remove' | 'keep';

/** What became of it. */
export interface Changed<T> {
  readonly before: Definition<T> | undefined;
  /** Absent where it was removed. */
  readonly definition: Definition<T> | undefined;
  /** Its place in the outbox; absent where nothing changed. */
  readonly seq?: number;
}

/**
 * The definitions of one kind in one workspace, the one that `workspaceOf` answers when a method is called. Every method
 * throws a DatabaseAwayError where the database is away.
 */
export class Definitions<T extends object> {
  readonly #claims: Claims<T>;

  constructor(
    private readonly database: Database<ControlTables>,
    private readonly secrets: Secrets,
    private readonly workspaceOf: () => string,
    readonly kind: DefinitionKind<T>,
    private readonly onChange?: OnChange,
  ) {
    this.#claims = new Claims(workspaceOf, kind);
  }

  private get workspace(): string {
    return this.workspaceOf();
  }

  async find(id: string): Promise<Definition<T> | undefined> {
    return this.database.run((statements) => this.findIn(statements, id));
  }

  /** As {@link find}, within a change of another. */
  async findIn(statements: Kysely<ControlTables>, id: string): Promise<Definition<T> | undefined> {
    const row = await this.#row(statements, id);
    return row && this.#inForce(row);
  }

  /** In the order of their ids. */
  async all(): Promise<readonly Definition<T>[]> {
    return this.database.run((statements) => this.allIn(statements));
  }

  /** As {@link all}, within a change. */
  async allIn(statements: Kysely<ControlTables>): Promise<readonly Definition<T>[]> {
    const rows = await this.#rows(statements).where('value', 'is not', null).execute();
    return rows.flatMap((row) => this.#inForce(row) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The latest first, at most so many, those below a version; none where there never was such a definition. */
  async versions(
    id: string,
    { limit, before = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly before?: number },
  ): Promise<readonly DefinitionVersion<T>[]> {
    const rows = await this.database.run((statements) =>
      this.#versionRows(statements, id)
        .where('version', '<', String(before))
        .orderBy('version', 'desc')
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => this.#version(row));
  }

  async version(id: string, version: number): Promise<DefinitionVersion<T> | undefined> {
    const row = await this.database.run((statements) =>
      this.#versionRows(statements, id).where('version', '=', String(version)).executeTakeFirst(),
    );
    return row && this.#version(row);
  }

  /**
   * Decides on what is in force and changes it, in one transaction: nobody changes the definition between. The new
   * version, with its author, and its place in the outbox come to be together, or nothing does.
   */
  async change<E>(
    id: string,
    authorship: Authorship,
    decide: (
      before: Definition<T> | undefined,
      statements: Statements<ControlTables>,
    ) => Result<Change<T>, E> | Promise<Result<Change<T>, E>>,
  ): Promise<Result<Changed<T>, E | Taken>> {
    try {
      return await this.database.transaction(async (statements) => {
        const { kind, workspace } = this;
        const scope = kind.serial ?? `${kind.name}/${keyOf(id)}`;
        await lockShared(statements, workspaceLock(workspace));
        await lock(statements, `tributary.definition/${workspace}/${scope}`);
        const row = await this.#row(statements, id);
        const decided = await decide(row && this.#inForce(row), statements);
        return decided.ok
          ? ok(await this.#make(statements, { id, row, ...authorship }, decided.value))
          : decided;
      });
    } catch (error) {
      if (error instanceof TakenError) return failed(error.taken);
      throw error;
    }
  }

  /**
   * Changes several, in a transaction that holds all definitions of the workspace: see `ControlPlane.changeAll`. What
   * only one may have can go from one of them to another.
   *
   * @throws TakenError one that is not among them has what only one may have
   */
  async changeIn(
    statements: Statements<ControlTables>,
    changes: ReadonlyMap<string, Change<T>>,
    authorship: Authorship,
  ): Promise<ReadonlyMap<string, Changed<T>>> {
    await this.#claims.drop(statements, [...changes.keys()]);
    const changed = new Map<string, Changed<T>>();
    for (const [id, change] of changes) {
      const row = await this.#row(statements, id);
      changed.set(id, await this.#make(statements, { id, row, ...authorship }, change));
    }
    return changed;
  }

  /** What these values want and only one may have, and a definition that is not among them has. */
  async taken(
    statements: Kysely<ControlTables>,
    values: ReadonlyMap<string, T>,
    leaving: readonly string[],
  ): Promise<readonly Taken[]> {
    return this.#claims.taken(statements, values, leaving);
  }

  /** Puts in what a topic held, at the version that it had there; nothing where it is there already. */
  async adopt(
    statements: Statements<ControlTables>,
    definition: Definition<T>,
    authorship: Authorship,
  ): Promise<void> {
    const { id, value } = definition;
    if (await this.#row(statements, id)) return;
    await this.#claims.take(statements, id, value);
    await this.#record(statements, { ...definition, ...authorship });
  }

  async #make(
    statements: Statements<ControlTables>,
    { id, row, ...authorship }: Authorship & { readonly id: string; readonly row: Row | undefined },
    change: Change<T>,
  ): Promise<Changed<T>> {
    const before = row && this.#inForce(row);
    if (change === 'keep' || (change === 'remove' && !before)) return { before, definition: before };
    const value = change === 'remove' ? undefined : change.put;
    const version = row ? Number(row.version) + 1 : 1;
    await this.#claims.take(statements, id, value);
    const seq = await this.#write(statements, { id, version, value, ...authorship });
    await this.#say(statements, { id, version, before: before?.value, after: value, ...authorship });
    return { before, definition: value && { id, value, version }, seq };
  }

  async #write(
    statements: Statements<ControlTables>,
    version: Authorship & { readonly id: string; readonly version: number; readonly value: T | undefined },
  ): Promise<number> {
    await this.#record(statements, version);
    // Held to the commit: places in the outbox are in the order of the commits.
    await lock(statements, OUTBOX_LOCK);
    const { id } = version;
    const place = { workspace: this.workspace, kind: this.kind.name, key: keyOf(id) };
    const row = await statements
      .insertInto('outbox')
      .values({ ...place, id, version: version.version })
      .returning('seq')
      .executeTakeFirstOrThrow();
    await notify(statements, OUTBOX_CHANNEL, row.seq);
    return Number(row.seq);
  }

  async #record(
    statements: Statements<ControlTables>,
    {
      id,
      version,
      value,
      author,
      reason = null,
      at,
    }: Omit<Authorship, 'reason'> & {
      readonly reason?: string | null | undefined;
      readonly id: string;
      readonly version: number;
      readonly value: T | undefined;
    },
  ): Promise<void> {
    const place = { workspace: this.workspace, kind: this.kind.name, key: keyOf(id), id, version };
    const text = value === undefined ? null : JSON.stringify(this.#encrypted(value));
    await statements
      .insertInto('definitions')
      .values({ ...place, value: text })
      .onConflict((conflict) =>
        conflict.columns(['workspace', 'kind', 'key']).doUpdateSet({ version, value: text }),
      )
      .execute();
    await statements
      .insertInto('definition_versions')
      .values({ ...place, value: text, author: JSON.stringify(author), reason, at: new Date(at) })
      .execute();
  }

  #rows(statements: Kysely<ControlTables>) {
    return statements
      .selectFrom('definitions')
      .select(['id', 'version', 'value'])
      .where('workspace', '=', this.workspace)
      .where('kind', '=', this.kind.name);
  }

  #row(statements: Kysely<ControlTables>, id: string): Promise<Row | undefined> {
    return this.#rows(statements).where('key', '=', keyOf(id)).executeTakeFirst();
  }

  #versionRows(statements: Kysely<ControlTables>, id: string) {
    return statements
      .selectFrom('definition_versions')
      .select(['version', 'value', 'author', 'reason', 'at'])
      .where('workspace', '=', this.workspace)
      .where('kind', '=', this.kind.name)
      .where('key', '=', keyOf(id));
  }

  #inForce({ id, version, value }: Row): Definition<T> | undefined {
    return value ? { id, value: this.#decrypted(value), version: Number(version) } : undefined;
  }

  #version(row: VersionRow): DefinitionVersion<T> {
    const { version, value, author, reason, at } = row;
    return {
      version: Number(version),
      ...(value && { value: this.#decrypted(value) }),
      author,
      ...(reason === null ? {} : { reason }),
      at: at.getTime(),
    };
  }

  async #say(
    statements: Statements<ControlTables>,
    change: Authorship & {
      readonly id: string;
      readonly version: number;
      readonly before: T | undefined;
      readonly after: T | undefined;
    },
  ): Promise<void> {
    const { kind, workspace } = this;
    const masked = (value: T | undefined) => value && (kind.withSecrets?.(value, () => MASK) ?? value);
    const { before, after } = change;
    await this.onChange?.(statements, {
      ...change,
      workspace,
      kind: kind.name,
      before: masked(before),
      after: masked(after),
    });
  }

  #encrypted(value: T): T {
    return this.kind.withSecrets?.(value, (secret) => this.secrets.encrypt(secret)) ?? value;
  }

  #decrypted(value: object): T {
    return decrypted(this.kind, value as T, this.secrets);
  }
}

/** A value as the database has it, with its secrets readable. */
export function decrypted<T extends object>(kind: DefinitionKind<T>, value: T, secrets: Secrets): T {
  return kind.withSecrets?.(value, (secret) => secrets.decrypt(secret)) ?? value;
}

interface Row {
  readonly id: string;
  readonly version: string;
  readonly value: object | null;
}

interface VersionRow extends Omit<Row, 'id'> {
  readonly author: Principal;
  readonly reason: string | null;
  readonly at: Date;
}
