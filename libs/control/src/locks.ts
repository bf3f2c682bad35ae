import { sql, type Transaction } from 'kysely';

/** Holds a lock of the database by this name until the transaction ends; waits for whoever holds it. */
export async function lock<S>(statements: Transaction<S>, name: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(statements);
}

/** As {@link lock}, together with others who hold it so; whoever wants it alone waits for all of them. */
export async function lockShared<S>(statements: Transaction<S>, name: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock_shared(hashtextextended(${name}, 0))`.execute(statements);
}

/** Whoever changes one definition of a workspace shares it; whoever changes many has it alone. */
export function workspaceLock(workspace: string): string {
  return `tributary.definitions/${workspace}`;
}

/** Wakes those who LISTEN to a channel, when the transaction commits. */
export async function notify<S>(statements: Transaction<S>, channel: string, text: string): Promise<void> {
  await sql`SELECT pg_notify(${channel}, ${text})`.execute(statements);
}
