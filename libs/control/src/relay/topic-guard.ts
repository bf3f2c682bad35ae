import { TopicFollower, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import { parseScopedKey } from '@tributary/kernel';
import type { Database } from '../database.js';
import type { AnyKind } from '../definitions/kind.js';
import type { ControlTables } from '../tables.js';
import { publishAgain } from './outbox.js';

export interface TopicGuardOptions {
  readonly database: Database<ControlTables>;
  readonly connection: KafkaConnection;
  readonly kinds: readonly AnyKind[];
  /** What ended it: the topics are not looked at any more. */
  readonly onFatal: (error: unknown) => void;
}

interface Seen {
  readonly version: number;
  readonly isRemoved: boolean;
}

/**
 * Sees to it that the last record of a definition is the one of its current version. A relay that died or stood still may
 * have had a record under way, which comes behind newer ones of its successor: what it buried is published again.
 */
export class TopicGuard {
  readonly #options: TopicGuardOptions;
  readonly #followers: TopicFollower[] = [];
  #stopped = false;
  #starting: Promise<unknown> = Promise.resolve();

  constructor(options: TopicGuardOptions) {
    this.#options = options;
  }

  /** Resolves when every topic has been compared with the database; goes on until it is stopped. */
  async start(): Promise<void> {
    const starting = Promise.all(this.#options.kinds.map((kind) => this.#watch(kind)));
    this.#starting = starting.catch(() => undefined);
    await starting;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    // One that is being started cannot be stopped.
    await this.#starting;
    await Promise.all(this.#followers.splice(0).map((follower) => follower.stop()));
  }

  async #watch(kind: AnyKind): Promise<void> {
    const seen = new Map<string, Seen>();
    const life = { isBehind: true };
    const follower = new TopicFollower(
      this.#options.connection,
      kind.topic,
      async (record) => {
        const before = seen.get(record.key);
        const now = seenIn(record);
        if (!before || before.version <= now.version || life.isBehind) {
          seen.set(record.key, now);
          return;
        }
        const { workspaceId: workspace, id } = parseScopedKey(record.key);
        await publishAgain(this.#options.database, { workspace, kind: kind.name, ids: [id] });
      },
      { onFatal: this.#options.onFatal },
    );
    this.#followers.push(follower);
    await follower.start();
    life.isBehind = false;
    if (!this.#stopped) await this.#compare(kind, seen);
  }

  async #compare(kind: AnyKind, seen: ReadonlyMap<string, Seen>): Promise<void> {
    const { database } = this.#options;
    const rows = await database.run((statements) =>
      statements
        .selectFrom('definitions')
        .select(['workspace', 'id', 'version'])
        .select((expression) => expression('value', 'is', null).as('removed'))
        .where('kind', '=', kind.name)
        .execute(),
    );
    const differing = rows.filter(({ workspace, id, version, removed }) => {
      const last = seen.get(`${workspace}/${id}`);
      if (removed === true && (!last || last.isRemoved)) return false;
      return last?.version !== Number(version);
    });
    for (const { workspace, id } of differing)
      await publishAgain(database, { workspace, kind: kind.name, ids: [id] });
  }
}

/** What was there before definitions lived in the database was taken over at the version of its offset. */
function seenIn({ headers, offset, value }: LogRecord): Seen {
  return { version: Number(headers.version ?? offset), isRemoved: value === null };
}
