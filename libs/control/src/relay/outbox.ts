import type { OutgoingRecord } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import { sql } from 'kysely';
import type { Client } from 'pg';
import type { Database } from '../database.js';
import { decrypted } from '../definitions/definitions.js';
import { OUTBOX_CHANNEL, OUTBOX_LOCK, PUBLISHED_CHANNEL } from '../definitions/outbox-channels.js';
import { keyOf, type AnyKind } from '../definitions/kind.js';
import { lock, notify } from '../locks.js';
import type { Secrets } from '../secrets.js';
import type { ControlTables } from '../tables.js';

/** A version that its topic does not have yet. */
export interface Pending {
  readonly seq: number;
  readonly record: OutgoingRecord;
}

interface PendingRow {
  readonly seq: string;
  readonly workspace: string;
  readonly kind: string;
  readonly id: string;
  readonly version: string;
  readonly value: object | null;
}

const MOST_AT_ONCE = 100;

/** The first of the outbox in its order, as the topics take them; asked on the session that holds the relay's lock. */
export async function pendingIn(
  session: Client,
  kinds: ReadonlyMap<string, AnyKind>,
  secrets: Secrets,
): Promise<readonly Pending[]> {
  const { rows } = await session.query<PendingRow>(
    `SELECT o.seq, o.workspace, o.kind, o.id, o.version, v.value
     FROM outbox o LEFT JOIN definition_versions v USING (workspace, kind, key, version)
     WHERE o.kind = ANY($1) ORDER BY o.seq LIMIT ${MOST_AT_ONCE}`,
    [[...kinds.keys()]],
  );
  return rows.flatMap((row) => {
    const kind = kinds.get(row.kind);
    return kind ? [{ seq: Number(row.seq), record: recordOf(kind, row, secrets) }] : [];
  });
}

/** A version that is not there, of what only the topic has, removes it. */
function recordOf(
  kind: AnyKind,
  { workspace, id, version, value }: PendingRow,
  secrets: Secrets,
): OutgoingRecord {
  const [schema = ''] = Object.keys(kind.topic.schemas);
  const plain = value && decrypted(kind, value, secrets);
  return {
    topic: kind.topic.name,
    key: scopedKey(workspace, id),
    value: plain && JSON.stringify(plain),
    headers: { schema, version },
  };
}

/** Those that the topics have now leave the outbox, and whoever waits for them learns of it. */
export async function markPublished(session: Client, seqs: readonly number[]): Promise<void> {
  await session.query(
    `WITH gone AS (DELETE FROM outbox WHERE seq = ANY($1) RETURNING seq)
     SELECT pg_notify($2, max(seq)::text) FROM gone HAVING count(*) > 0`,
    [seqs, PUBLISHED_CHANNEL],
  );
}

/** Whether all up to a place have left the outbox. */
export async function isPublished(database: Database<ControlTables>, seq: number): Promise<boolean> {
  const left = await database.run((statements) =>
    statements.selectFrom('outbox').select('seq').where('seq', '<=', String(seq)).limit(1).execute(),
  );
  return left.length === 0;
}

/** What is to be published anew: all definitions of a kind, or those of some ids. */
export interface Again {
  readonly kind: string;
  readonly workspace: string;
  readonly ids?: readonly string[];
}

/** Puts the current versions of definitions into the outbox once more; answers how many. */
export async function publishAgain(database: Database<ControlTables>, again: Again): Promise<number> {
  const { kind, workspace, ids } = again;
  return database.transaction(async (statements) => {
    await lock(statements, OUTBOX_LOCK);
    const { rows } = await sql<{ readonly seq: string }>`
      INSERT INTO outbox (workspace, kind, key, id, version)
      SELECT workspace, kind, key, id, version FROM definitions
      WHERE workspace = ${workspace} AND kind = ${kind}
        AND (${ids === undefined} OR key = ANY(${ids?.map(keyOf) ?? []}::text[]))
      ORDER BY key RETURNING seq`.execute(statements);
    await notify(statements, OUTBOX_CHANNEL, '');
    return rows.length;
  });
}

/** Has ids removed from the topic of a kind which the database does not know. */
export async function removeFromTopic(
  database: Database<ControlTables>,
  { kind, workspace, ids }: Required<Again>,
): Promise<void> {
  if (ids.length === 0) return;
  await database.transaction(async (statements) => {
    await lock(statements, OUTBOX_LOCK);
    const rows = ids.map((id) => ({ workspace, kind, key: keyOf(id), id, version: -1 }));
    await statements.insertInto('outbox').values(rows).execute();
    await notify(statements, OUTBOX_CHANNEL, '');
  });
}
