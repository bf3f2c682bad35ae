import { readerOf } from '@tributary/contracts';
import { logBounds, readRanges, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import { parseScopedKey } from '@tributary/kernel';
import type { Database } from '../database.js';
import { Definitions } from '../definitions/definitions.js';
import type { AnyKind } from '../definitions/kind.js';
import { lock } from '../locks.js';
import type { Principal } from '../principal.js';
import type { Secrets } from '../secrets.js';
import type { ControlTables } from '../tables.js';
import type { ControlLogger } from './relay.js';

/** The author of what topics held before there was a database. */
const TAKEN_OVER: Principal = { id: 'topics', kind: 'system', name: 'Taken over from the topics' };

export interface TakeOverOptions {
  readonly database: Database<ControlTables>;
  readonly connection: KafkaConnection;
  readonly kinds: readonly AnyKind[];
  readonly secrets: Secrets;
  readonly workspace: string;
  readonly logger: ControlLogger;
  /** Unix time, milliseconds. */
  readonly now: () => number;
}

/** Takes into the database what the topics alone hold, at the versions that it had: once for each kind. */
export async function takeOverTopics(o: TakeOverOptions): Promise<void> {
  const done = await o.database.run((statements) =>
    statements.selectFrom('imports').select('kind').where('workspace', '=', o.workspace).execute(),
  );
  const left = o.kinds.filter(({ name }) => !done.some(({ kind }) => kind === name));
  for (const kind of left) await takeOver(o, kind);
}

async function takeOver(o: TakeOverOptions, kind: AnyKind): Promise<void> {
  const { database, workspace, logger } = o;
  const records = await lastRecords(o.connection, kind.topic.name, workspace);
  const read = readerOf(kind.topic);
  const definitions = new Definitions(database, o.secrets, () => workspace, kind);
  const authorship = { author: TAKEN_OVER, at: o.now() };
  const count = await database.transaction(async (statements) => {
    await lock(statements, 'tributary.take-over');
    const { numInsertedOrUpdatedRows: isFirst } = await statements
      .insertInto('imports')
      .values({ workspace, kind: kind.name, at: new Date(o.now()) })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (isFirst === 0n) return 0;
    let taken = 0;
    for (const { key, value, headers, offset } of records) {
      const message = value ? read(value, headers.schema) : undefined;
      if (!message) continue;
      const fault = message.ok ? kind.faultOf?.(message.value as object) : JSON.stringify(message.error);
      if (!message.ok || fault !== undefined) {
        logger.error(
          { topic: kind.topic.name, key, offset, reason: fault },
          'definition is unreadable and passed over',
        );
        continue;
      }
      const definition = { id: parseScopedKey(key).id, value: message.value as object, version: offset };
      await definitions.adopt(statements, definition, authorship);
      taken += 1;
    }
    return taken;
  });
  if (count > 0)
    logger.info({ topic: kind.topic.name, count }, 'definitions were taken over from their topic');
}

/** The last record of each key of a workspace, in the order of the topic. */
export async function lastRecords(
  connection: KafkaConnection,
  topic: string,
  workspace: string,
): Promise<readonly LogRecord[]> {
  const bounds = await logBounds(connection, topic);
  const ranges = new Map(
    [...bounds].map(([partition, { start, end }]) => [partition, { from: start, to: end }]),
  );
  const last = new Map<string, LogRecord>();
  await readRanges(connection, topic, ranges, (record) => {
    if (parseScopedKey(record.key).workspaceId !== workspace) return;
    last.delete(record.key);
    last.set(record.key, record);
  });
  return [...last.values()];
}
