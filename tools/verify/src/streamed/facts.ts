import { TOPICS, type AssignmentMessage, type ProfileMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { Onward } from '../log/onward.js';
import type { Scratch } from '../scratch.js';

const WAITING = 5_000;

interface Waiting<M> {
  best: { readonly message: M; readonly text: string };
  last: { readonly message: M; readonly text: string };
}

/**
 * Of each key what readers keep, the highest version, beside the version of the last record, which is what compaction
 * keeps: where the two differ, a former owner wrote behind the owner.
 */
async function readFacts<M extends { readonly version: number }>(
  onward: Onward,
  topic: string,
  write: (key: string, fact: Waiting<M>) => void,
): Promise<number> {
  const waiting = new Map<string, Waiting<M>>();
  let records = 0;
  const flush = () => {
    for (const [key, fact] of waiting) write(key, fact);
    waiting.clear();
  };
  await onward.read(topic, ({ key, value }: LogRecord) => {
    records += 1;
    if (!value) return;
    const text = value.toString('utf8');
    const message = JSON.parse(text) as M;
    const last = { message, text };
    const before = waiting.get(key);
    const best = before && before.best.message.version > message.version ? before.best : last;
    waiting.set(key, { best, last });
    if (waiting.size >= WAITING) flush();
  });
  flush();
  return records;
}

/** Takes in what identity said of each identifier. */
export function readAssignments(onward: Onward, { db }: Scratch): Promise<number> {
  const write = db.prepare(`INSERT INTO assignments VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET last_version = excluded.last_version,
      profile = iif(excluded.version >= version, excluded.profile, profile),
      formerly = iif(excluded.version >= version, excluded.formerly, formerly),
      resolved_through = iif(excluded.version >= version, excluded.resolved_through, resolved_through),
      version = max(version, excluded.version)`);
  return readFacts<AssignmentMessage>(onward, TOPICS.assignments.name, (key, { best, last }) => {
    const { workspaceId, profileId, version, formerly, resolvedThrough } = best.message;
    const scoped = formerly.map((former) => scopedKey(workspaceId, former));
    const profile = scopedKey(workspaceId, profileId);
    write.run(key, profile, version, JSON.stringify(scoped), resolvedThrough.offset, last.message.version);
  });
}

/** Takes in what profile-builder said of each profile. */
export function readProfiles(onward: Onward, { db }: Scratch): Promise<number> {
  const write = db.prepare(`INSERT INTO profiles VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET last_version = excluded.last_version, last_body = excluded.last_body,
      body = iif(excluded.version >= version, excluded.body, body),
      version = max(version, excluded.version)`);
  return readFacts<ProfileMessage>(onward, TOPICS.profiles.name, (key, { best, last }) => {
    write.run(key, best.message.version, best.text, last.message.version, last.text);
  });
}
