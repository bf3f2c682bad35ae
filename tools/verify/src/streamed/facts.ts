import { TOPICS, type AssignmentMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { DatabaseSync } from 'node:sqlite';
import type { Onward } from '../log/onward.js';

/** So many records are looked at before the best of each key is written; their bytes are in memory until then. */
const WAITING = 5_000;

interface Said {
  readonly version: number;
  readonly value: Buffer;
}

interface Fact {
  readonly best: Said;
  readonly last: Said;
}

/**
 * Of each key what readers keep, the highest version, beside the last record, which is what compaction keeps: where the
 * two differ, a former owner wrote behind the owner. What was removed is gone, and begins anew with what comes after it.
 */
async function readFacts(
  onward: Onward,
  topic: string,
  write: (key: string, fact: Fact) => void,
  remove: (key: string) => void,
): Promise<void> {
  const waiting = new Map<string, Fact>();
  let records = 0;
  const flush = () => {
    for (const [key, fact] of waiting) write(key, fact);
    waiting.clear();
    records = 0;
  };
  await onward.read(topic, ({ key, value }: LogRecord) => {
    if (!value) {
      waiting.delete(key);
      remove(key);
      return;
    }
    const last = { version: versionOf(value), value };
    const before = waiting.get(key);
    const best = before && before.best.version > last.version ? before.best : last;
    waiting.set(key, { best, last });
    records += 1;
    if (records >= WAITING) flush();
  });
  flush();
}

/** A version that comes after nothing but texts is read off the first bytes: most records are never the best. */
const EARLY_VERSION = /^\{(?:"\w+":"[^"\\]*",)*"version":(\d+)[,}]/;
const FIRST_BYTES = 512;

function versionOf(value: Buffer): number {
  const early = EARLY_VERSION.exec(value.toString('latin1', 0, FIRST_BYTES))?.[1];
  if (early !== undefined) return Number(early);
  return (JSON.parse(value.toString('utf8')) as { readonly version: number }).version;
}

/** Takes in the assignment of each identifier. */
export function readAssignments(onward: Onward, db: DatabaseSync): Promise<void> {
  const write = db.prepare(`INSERT INTO assignments VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET last_version = excluded.last_version,
      profile = iif(excluded.version >= version, excluded.profile, profile),
      formerly = iif(excluded.version >= version, excluded.formerly, formerly),
      resolved_through = iif(excluded.version >= version, excluded.resolved_through, resolved_through),
      version = max(version, excluded.version)`);
  return readFacts(
    onward,
    TOPICS.assignments.name,
    (key, { best, last }) => {
      const { workspaceId, profileId, formerly, resolvedThrough } = JSON.parse(
        best.value.toString('utf8'),
      ) as AssignmentMessage;
      const scoped = formerly.map((former) => scopedKey(workspaceId, former));
      const profile = scopedKey(workspaceId, profileId);
      write.run(key, profile, best.version, JSON.stringify(scoped), resolvedThrough.offset, last.version);
    },
    removal(db, 'assignments'),
  );
}

/** Takes in each profile as profile-builder published it. */
export function readProfiles(onward: Onward, db: DatabaseSync): Promise<void> {
  return readBodies(onward, db, 'profiles');
}

/** Takes in each account as profile-builder published it. */
export function readAccounts(onward: Onward, db: DatabaseSync): Promise<void> {
  return readBodies(onward, db, 'accounts');
}

function readBodies(onward: Onward, db: DatabaseSync, table: 'profiles' | 'accounts'): Promise<void> {
  const write = db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET last_version = excluded.last_version,
      last_body = iif(excluded.version >= version, excluded.last_body, coalesce(excluded.last_body, excluded.body)),
      body = iif(excluded.version >= version, excluded.body, body),
      version = max(version, excluded.version)`);
  return readFacts(
    onward,
    TOPICS[table].name,
    (key, { best, last }) => {
      write.run(key, best.version, best.value, last.version, last === best ? null : last.value);
    },
    removal(db, table),
  );
}

function removal(db: DatabaseSync, table: 'assignments' | 'profiles' | 'accounts'): (key: string) => void {
  const remove = db.prepare(`DELETE FROM ${table} WHERE key = ?`);
  return (key) => {
    remove.run(key);
  };
}
