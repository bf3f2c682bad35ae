import { randomUUID } from 'node:crypto';

/** A name that no other test uses, fit for a topic, a consumer group, a database or a table: `<prefix>_<12 hex digits>`. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll('-', '').slice(-12)}`;
}
