import { sql, type Transaction } from 'kysely';

/** Holds a lock of the database by this name until the transaction ends; waits for whoever holds it. */
export async function lock<S>(statements: Transaction<S>, name: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(statements);
}

/** Wakes those who LISTEN to a channel, when the transaction commits. */
export async function notify<S>(statements: Transaction<S>, channel: string, text: string): Promise<void> {
  await sql`SELECT pg_notify(${channel}, ${text})`.execute(statements);
}
