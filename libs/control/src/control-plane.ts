import { ensureTopics, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import { parseScopedKey } from '@tributary/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import { CONTROL_MIGRATIONS } from './control.migrations.js';
import { DatabaseAwayError } from './control.errors.js';
import type { Database, Statements } from './database.js';
import { Definitions } from './definitions/definitions.js';
import type { AnyKind, DefinitionKind } from './definitions/kind.js';
import type { OnChange } from './definitions/on-change.js';
import { lock, workspaceLock } from './locks.js';
import { migrate, type Migration } from './migrations.js';
import { publishAgain, removeFromTopic } from './relay/outbox.js';
import { Relay, type ControlLogger } from './relay/relay.js';
import { lastRecords, takeOverTopics } from './relay/topics-taken-over.js';
import type { Secrets } from './secrets.js';
import type { ControlTables } from './tables.js';

export interface ControlPlaneOptions {
  readonly database: Database<ControlTables>;
  readonly connection: KafkaConnection;
  readonly secrets: Secrets;
  /** The installation's own workspace. */
  readonly workspace: string;
  /** Whose definitions are meant where they are asked for. Default: those of the installation's own. */
  readonly workspaceOf?: () => string;
  /** The kind whose definitions in the installation's own workspace are the others. Default: there are none. */
  readonly workspaces?: AnyKind;
  readonly kinds: readonly AnyKind[];
  /** Of others that use the database, after those of this library. Default: none. */
  readonly migrations?: readonly Migration[];
  /** Is told of every change, in its transaction. Default: nobody is. */
  readonly onChange?: OnChange;
  /** Replicas of the topics that are made. */
  readonly replication: number;
  readonly logger: ControlLogger;
  /** Unix time, milliseconds. */
  readonly now: () => number;
}

const TRY_AGAIN_MS = 1_000;

/** Definitions in the database, and the relay that brings them to the topics. Several processes may run one. */
export class ControlPlane {
  readonly #options: ControlPlaneOptions;
  readonly relay: Relay;
  #isPrepared = false;
  #stopping = false;
  #preparing: Promise<void> = Promise.resolve();

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.relay = new Relay(options);
  }

  /** The tables are there, and what the topics held is in them. Until then the database counts as away. */
  get isPrepared(): boolean {
    return this.#isPrepared;
  }

  /** Those of a workspace; of the one that is meant at each call where none is named. */
  definitions<T extends object>(kind: DefinitionKind<T>, workspace?: string): Definitions<T> {
    const { database, secrets, workspace: own, workspaceOf = () => own, onChange } = this.#options;
    const of = workspace === undefined ? workspaceOf : () => workspace;
    return new Definitions(database, secrets, of, kind, onChange);
  }

  /**
   * One transaction in which nobody else changes a definition of the workspace that is meant; what throws undoes it.
   *
   * @throws DatabaseAwayError
   */
  async changeAll<T>(work: (statements: Statements<ControlTables>) => Promise<T>): Promise<T> {
    const { database, workspace: own, workspaceOf = () => own } = this.#options;
    return database.transaction(async (statements) => {
      await lock(statements, workspaceLock(workspaceOf()));
      return work(statements);
    });
  }

  /**
   * Makes topics and tables, takes over what the topics held, and starts the relay. Where the database is away it
   * resolves all the same, and all this is done when it is there.
   */
  async start(): Promise<void> {
    const { connection, kinds, replication, logger } = this.#options;
    await ensureTopics(
      connection,
      kinds.map(({ topic }) => topic),
      { partitions: 1, replication },
    );
    try {
      await this.#prepare();
    } catch (error) {
      if (!(error instanceof DatabaseAwayError)) throw error;
      logger.warn({ err: error }, 'the database is away, and definitions wait for it');
      this.#preparing = this.#prepareLater();
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#preparing;
    if (this.#isPrepared) await this.relay.stop();
  }

  /**
   * Has everything published anew that the topics do not have as the database has it, and removed what it does not
   * know; answers how much of each. Whichever process relays does so.
   */
  async rebuildTopics(): Promise<{ readonly published: number; readonly removed: number }> {
    let [published, removed] = [0, 0];
    for (const workspace of await this.#workspaces()) {
      const of = await this.#rebuildTopicsOf(workspace);
      published += of.published;
      removed += of.removed;
    }
    return { published, removed };
  }

  async #rebuildTopicsOf(workspace: string) {
    const { database, connection, kinds } = this.#options;
    let [published, removed] = [0, 0];
    for (const kind of kinds) {
      const records = await lastRecords(connection, kind.topic.name, workspace);
      published += await publishAgain(database, { workspace, kind: kind.name });
      const known = await database.run((statements) =>
        statements
          .selectFrom('definitions')
          .select('id')
          .where('workspace', '=', workspace)
          .where('kind', '=', kind.name)
          .execute(),
      );
      const ids = new Set(known.map(({ id }) => id));
      const unknown = records.filter((record) => record.value !== null && !ids.has(idOf(record)));
      removed += unknown.length;
      await removeFromTopic(database, { workspace, kind: kind.name, ids: unknown.map(idOf) });
    }
    return { published, removed };
  }

  async #prepare(): Promise<void> {
    const { database, migrations = [] } = this.#options;
    await migrate(database, [...CONTROL_MIGRATIONS, ...migrations]);
    await takeOverTopics(this.#options);
    for (const workspace of await this.#workspaces()) await takeOverTopics({ ...this.#options, workspace });
    await this.relay.start();
    this.#isPrepared = true;
  }

  /** The installation's own first. */
  async #workspaces(): Promise<readonly string[]> {
    const { database, workspace: own, workspaces: kind } = this.#options;
    if (!kind) return [own];
    const rows = await database.run((statements) =>
      statements
        .selectFrom('definitions')
        .select('id')
        .where('workspace', '=', own)
        .where('kind', '=', kind.name)
        .execute(),
    );
    return [own, ...rows.map(({ id }) => id).filter((id) => id !== own)];
  }

  async #prepareLater(): Promise<void> {
    while (!this.#stopping) {
      await delay(TRY_AGAIN_MS);
      try {
        await this.#prepare();
        this.#options.logger.info({}, 'the database is there');
        return;
      } catch (error) {
        if (!(error instanceof DatabaseAwayError)) throw error;
      }
    }
  }
}

function idOf({ key }: LogRecord): string {
  return parseScopedKey(key).id;
}
