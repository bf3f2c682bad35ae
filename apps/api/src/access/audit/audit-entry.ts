import type { Principal, Statements } from '@tributary/control';
import type { AccessTables } from '../access.tables.js';

/** What the audit log says of one write. Values are without secrets. */
export interface AuditEntry {
  /** Unix time, milliseconds. */
  readonly at: number;
  readonly author: Principal;
  /** Such as `created`, `changed`, `removed`. */
  readonly action: string;
  /** What it was done to: `source`, `token` and the like, and its id. */
  readonly kind: string;
  readonly subject: string;
  readonly version?: number | undefined;
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  readonly reason?: string | undefined;
}

const LONGEST_VALUE_BYTES = 64 * 1024;

/** Writes down a write, in the transaction that does it: there is none without the other. */
export async function writeDown(
  statements: Pick<Statements<AccessTables>, 'insertInto'>,
  workspace: string,
  { at, author, action, kind, subject, version, before, after, reason }: AuditEntry,
): Promise<void> {
  await statements
    .insertInto('audit')
    .values({
      workspace,
      at: new Date(at),
      author: JSON.stringify(author),
      action,
      kind,
      subject,
      version: version ?? null,
      before: textOf(before),
      after: textOf(after),
      reason: reason ?? null,
    })
    .execute();
}

function textOf(value: object | undefined): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  return bytes <= LONGEST_VALUE_BYTES ? text : JSON.stringify({ isTruncated: true, bytes });
}
