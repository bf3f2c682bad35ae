import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const CACHE_KIB = 131_072;

/**
 * `through_a`: the offset of the first event of a's that bore b, in a's own partition; the other way round for b.
 * `leaves`: the leaves that the event is one of, as a JSON list of hashes. `last_version`, `last_body`: of the last
 * record of the key, beside the highest. `is_buried`: the last record of the key is a former owner's. Times in milliseconds.
 */
const TABLES = `
CREATE TABLE identifiers (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  first_seen INTEGER NOT NULL,
  component INTEGER,
  profile TEXT
);
CREATE TABLE pairs (
  a INTEGER NOT NULL,
  b INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  through_a INTEGER,
  through_b INTEGER,
  PRIMARY KEY (a, b)
) WITHOUT ROWID;
CREATE TABLE events (
  identifier INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  source_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  traits TEXT,
  others TEXT NOT NULL,
  leaves TEXT,
  PRIMARY KEY (identifier, message_id, "offset")
) WITHOUT ROWID;
CREATE TABLE assignments (
  key TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  version INTEGER NOT NULL,
  formerly TEXT NOT NULL,
  resolved_through INTEGER NOT NULL,
  last_version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE profiles (
  key TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  last_version INTEGER NOT NULL,
  last_body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE memberships (
  key TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  audience TEXT NOT NULL,
  member INTEGER NOT NULL,
  since INTEGER NOT NULL,
  cause TEXT NOT NULL,
  is_buried INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE changes (
  partition INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  expected TEXT,
  found TEXT,
  contradicts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (partition, "offset")
) WITHOUT ROWID;
`;

/**
 * Where a verification keeps what it reads, on disk, so that its memory does not grow with the log. Nothing in it
 * outlives the process.
 */
export class Scratch {
  private constructor(
    readonly db: DatabaseSync,
    private readonly dir: string,
  ) {}

  static async open(): Promise<Scratch> {
    const dir = await mkdtemp(join(tmpdir(), 'tributary-verify-'));
    const db = new DatabaseSync(join(dir, 'scratch.db'));
    db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA temp_store = FILE; PRAGMA cache_size = -${CACHE_KIB}; ${TABLES} BEGIN;`);
    return new Scratch(db, dir);
  }

  async close(): Promise<void> {
    this.db.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}
