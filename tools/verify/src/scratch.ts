import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const CACHE_KIB = 98_304;
const FACTS_CACHE_KIB = 32_768;

/**
 * `through_a`: the offset of the first event of a's that bore b, in a's own partition; the other way round for b.
 * `nth`: of the events with one deduplication id that count, a day and more apart; `message_id` is null where it is that. `others`: the identifiers beside
 * the primary one, as a JSON list; `aggregates`: the aggregates that the event is one of, with their values. `last_version`, `last_body`: of
 * the last record of the key where that is not the highest version's, which the other columns are of. `is_buried`: the last record of the key is a former owner's. `definition`: the hash of the one in force when
 * the membership was published; `before`: the instant of the change before it; `is_erased`: whose identifier was forgotten, which takes nothing that it said of the account; `backward`: of a change that was dated
 * before the one before it. `times`: how often a change was told; `repeated`: the first one that told again what the one before it of its membership
 * had. Times in milliseconds.
 */
const TABLES = `
CREATE TABLE identifiers (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  first_seen INTEGER NOT NULL,
  component INTEGER,
  reach INTEGER,
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
  deduplication_id TEXT NOT NULL,
  message_id TEXT,
  nth INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  traits TEXT,
  others TEXT,
  aggregates TEXT,
  PRIMARY KEY (identifier, deduplication_id, nth)
) WITHOUT ROWID;
CREATE TABLE group_calls (
  account TEXT NOT NULL,
  identifier INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  source_id TEXT NOT NULL,
  traits TEXT NOT NULL,
  is_erased INTEGER NOT NULL
);
CREATE INDEX calls_of_accounts ON group_calls (account);
CREATE INDEX calls_of_identifiers ON group_calls (identifier);
CREATE TABLE memberships (
  key TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  audience TEXT NOT NULL,
  member INTEGER NOT NULL,
  since INTEGER NOT NULL,
  cause TEXT NOT NULL,
  is_buried INTEGER NOT NULL,
  definition TEXT,
  before INTEGER,
  backward INTEGER
) WITHOUT ROWID;
CREATE TABLE changes (
  id TEXT PRIMARY KEY,
  expected TEXT,
  found TEXT,
  times INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE turns (
  membership TEXT PRIMARY KEY,
  entered INTEGER NOT NULL,
  repeated TEXT
) WITHOUT ROWID;
`;

/** What a thread of its own may have read; see {@link openFacts}. */
const FACTS = `
CREATE TABLE IF NOT EXISTS facts.assignments (
  key TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  version INTEGER NOT NULL,
  formerly TEXT NOT NULL,
  resolved_through INTEGER NOT NULL,
  last_version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts.profiles (
  key TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  body BLOB NOT NULL,
  last_version INTEGER NOT NULL,
  last_body BLOB
);
CREATE TABLE IF NOT EXISTS facts.accounts (
  key TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  body BLOB NOT NULL,
  last_version INTEGER NOT NULL,
  last_body BLOB
);
`;

const settings = (schema: string, cacheKib: number) =>
  `PRAGMA ${schema}.journal_mode = OFF; PRAGMA ${schema}.synchronous = OFF; PRAGMA ${schema}.locking_mode = EXCLUSIVE;
  PRAGMA ${schema}.cache_size = -${cacheKib};`;

/** Adds the file of assignments, profiles and accounts to a database, and has its tables made where they are missing. */
function attachFacts(db: DatabaseSync, file: string): void {
  db.prepare('ATTACH ? AS facts').run(file);
  db.exec(`${settings('facts', FACTS_CACHE_KIB)} ${FACTS}`);
}

/** For a thread that reads assignments and profiles alone; to be closed before {@link Scratch.takeFacts} takes them. */
export function openFacts(file: string): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  attachFacts(db, file);
  db.exec('BEGIN');
  return db;
}

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
    db.exec(`${settings('main', CACHE_KIB)} PRAGMA temp_store = FILE; ${TABLES} BEGIN;`);
    return new Scratch(db, dir);
  }

  /** Where assignments and profiles are kept. */
  get factsFile(): string {
    return join(this.dir, 'facts.db');
  }

  /** Forgets the events, and what was made of them. */
  clearEvents(): void {
    for (const table of ['identifiers', 'pairs', 'events', 'group_calls'])
      this.db.exec(`DELETE FROM ${table}`);
  }

  /** From now on the database has the tables of assignments and profiles, with what a thread wrote there. */
  takeFacts(): void {
    // SQLite attaches no file within a transaction.
    this.db.exec('COMMIT');
    attachFacts(this.db, this.factsFile);
    this.db.exec('BEGIN');
  }

  async close(): Promise<void> {
    this.db.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}
