import { aggregatesOfMerge, definitionHash, wantedBy, type Aggregate } from '@tributary/audiences';
import { membershipKey, TOPICS } from '@tributary/contracts';
import { parseScopedKey, toInstant } from '@tributary/kernel';
import type { Activations } from '../recompute/activations.js';
import type { Audience } from '../recompute/definitions.js';
import { eventsBehind, type History } from '../recompute/history.js';
import { isMember, type Past } from '../recompute/membership.js';
import { relevantEvents, turningPoints } from '../recompute/turning-points.js';
import type { Comparison } from './comparison.js';

const WHERE = TOPICS.memberships.name;

interface Row {
  readonly member: number;
  readonly since: number;
  readonly cause: string;
  /** The hash of the definition in force when it was published; null where the audience was removed. */
  readonly definition: string | null;
  /** Of the change before it. */
  readonly before: number | null;
}

/** Of which instant, in milliseconds since 1970, and where the log of events begins now. */
export interface AsOf {
  readonly at: number;
  readonly logStarts: ReadonlyMap<number, number>;
}

/**
 * Compares profiles one by one, in every audience, with what their events say as of an instant. What is not held against
 * segmentation, and why: audiences that are building, by whose definition nothing may be told yet; profiles with events that the log has no more (here); instants of a definition that is gone (here)
 * and where events came out of order or through several identifiers (`sinceFault`); people with events after the instant
 * (`recompute/latecomers.ts`), or beyond a bound of identity (`recompute/beyond-bound.ts`); what is no difference any more
 * at a second look (`verify.ts`).
 */
export function membershipComparison(
  comparison: Comparison,
  audiences: ReadonlyMap<string, Audience>,
  activations: Activations,
  { at, logStarts }: AsOf,
): (history: History) => void {
  const find = comparison.scratch.db.prepare(
    'SELECT member, since, cause, definition, before FROM memberships WHERE key = ?',
  );
  const building = new Map(
    [...audiences.values()]
      .filter(({ workspaceId, definition, merges }) => {
        const ofTraits = Object.entries(merges).flatMap(([name, one]) => aggregatesOfMerge(name, one));
        return !activations.isKnown(workspaceId, [...wantedBy(definition), ...ofTraits]);
      })
      .map((audience) => [audience, definitionHash(audience.definition, audience.merges)]),
  );
  return (history) => {
    const { workspaceId, id } = parseScopedKey(history.profile);
    if (history.events.some(({ partition, offset }) => offset < (logStarts.get(partition) ?? 0))) {
      comparison.count('profiles older than the log, whose memberships are not compared');
      return;
    }
    for (const audience of audiences.values()) {
      if (audience.workspaceId !== workspaceId) continue;
      comparison.count('memberships');
      const key = membershipKey(workspaceId, audience.key, id);
      const row = find.get(key) as unknown as Row | undefined;
      const isBuilding = building.get(audience);
      if (isBuilding !== undefined) {
        comparison.count('memberships of audiences that are building, not compared');
        if (row?.definition === isBuilding)
          comparison.differ({ subject: 'audiences', key, where: WHERE, ...EARLY }, () => []);
        continue;
      }
      const published =
        row?.definition == null ? audience.definition : audience.definitions.get(row.definition);
      if (!published)
        comparison.count('memberships whose definition is gone, compared without their instants');
      const windowOf = (aggregate: Aggregate) => activations.boundOf(workspaceId, aggregate.hash);
      const past: Past = { ...history, merges: audience.merges, windowOf };
      const expected = isMember(audience.definition, past, at);
      if (expected === undefined) {
        comparison.count('memberships that depend on events beyond a bound, not compared');
        continue;
      }
      const fault = memberFault(expected, row, at) ?? (row && sinceFault(past, published, row));
      if (fault) {
        comparison.differ({ subject: 'audiences', key, where: WHERE, ...fault }, () =>
          eventsBehind({ events: relevantEvents(audience.definition, history) }),
        );
      }
    }
  };
}

const EARLY = {
  expected: 'nothing by a definition whose past is not known',
  found: 'a membership by it',
};

/** Who is a member is a question of the definition in force. */
function memberFault(expected: boolean, row: Row | undefined, at: number) {
  const found = row?.member === 1;
  if (expected === found) return undefined;
  const since = row && ` since ${toInstant(row.since)} (${row.cause})`;
  return {
    expected: `${inOrOut(expected)} at ${toInstant(at)}`,
    found: `${inOrOut(found)}${since ?? ', never published'}`,
  };
}

const inOrOut = (member: boolean) => (member ? 'in' : 'out');

/**
 * Since when it is so, by the definition in force when it was published: an instant at which an event came or left its
 * window, or where that is before the change before it, as of an event that came late, the instant of that. Compared only where the relevant events came
 * in the order of their times and through one identifier: of others, what was known at that moment is not known any
 * more. Nor is it known what had arrived by then, so that the instant may be an earlier one than the last.
 */
function sinceFault(past: Past, definition: Audience['definition'] | undefined, row: Row) {
  const { member, since, cause, before } = row;
  if (!definition || (cause !== 'event' && cause !== 'time')) return undefined;
  const relevant = relevantEvents(definition, past);
  if (!cameInOrder(relevant) || !relevant.some(({ at }) => at < since)) return undefined;
  const points = turningPoints(definition, past);
  if (points.has(since) || (since === before && [...points].some((point) => point < since))) return undefined;
  const instants = [...points].sort((a, b) => a - b).map(toInstant);
  return {
    expected: `${inOrOut(member === 1)} since one of ${instants.join(', ')}`,
    found: `since ${toInstant(since)}`,
  };
}

function cameInOrder(events: History['events']): boolean {
  return events.every((event, i) => {
    const before = events[i - 1];
    return !before || (before.primary === event.primary && before.offset < event.offset);
  });
}

const ORPHANS = `SELECT key, profile FROM memberships m
  WHERE member = 1 AND NOT EXISTS (SELECT 1 FROM identifiers i WHERE i.profile = m.profile)`;
const BURIED = 'SELECT key, profile FROM memberships WHERE is_buried';
const CHANGES = 'SELECT id, expected, found, times FROM changes WHERE expected IS NOT found OR times > 1';
const REPEATED = 'SELECT repeated AS id FROM turns WHERE repeated IS NOT NULL';

const BACKWARD = 'SELECT key, profile FROM memberships WHERE backward IS NOT NULL';
const OF_AUDIENCES = 'SELECT DISTINCT audience FROM memberships WHERE member = 1';
const MEMBERS_OF = 'SELECT key, profile FROM memberships WHERE member = 1 AND audience = ?';

/**
 * Nobody may be a member of an audience that is not in force, or whose profile is nobody's; the changes of one
 * membership go forward in time; the last word on a membership has to be the owner's; and the
 * changes have to be those of the memberships, each once, and take turns.
 */
export function comparePublished(comparison: Comparison, audiences: ReadonlyMap<string, Audience>): void {
  const { db } = comparison.scratch;
  const differ = (query: string, expected: string, found: string, ...of: readonly string[]) => {
    const rows = db.prepare(query).iterate(...of) as unknown as Iterable<{ key: string; profile: string }>;
    for (const { key, profile } of rows) {
      if (!comparison.isSampled(profile) || comparison.isLeftOut(profile)) continue;
      comparison.differ({ subject: 'audiences', key, where: WHERE, expected, found });
    }
  };
  differ(ORPHANS, 'out: nobody belongs to the profile', 'in');
  differ(BACKWARD, 'changes of one membership that go forward in time', 'a change before the one before it');
  for (const { audience } of db.prepare(OF_AUDIENCES).all() as { readonly audience: string }[]) {
    if (!audiences.has(audience)) differ(MEMBERS_OF, 'out: the audience is not in force', 'in', audience);
  }
  differ(BURIED, 'the last record of the key by the owner of the partition', 'a former owner’s');
  const { count } = db.prepare('SELECT count(*) AS count FROM changes').get() as { readonly count: number };
  comparison.count('changes', count);
  interface Change {
    readonly id: string;
    readonly expected: string | null;
    readonly found: string | null;
    readonly times: number;
  }
  const where = TOPICS.changes.name;
  for (const { id, expected, found, times } of db.prepare(CHANGES).iterate() as unknown as Iterable<Change>) {
    comparison.differ({
      ...{ subject: 'audiences', key: id, where },
      expected: expected ?? 'no such change: no membership has this place',
      found: times > 1 ? `told ${times} times` : (found ?? 'no such change'),
    });
  }
  for (const { id } of db.prepare(REPEATED).iterate() as unknown as Iterable<{ readonly id: string }>) {
    comparison.differ({
      ...{ subject: 'audiences', key: id, where },
      expected: 'changes of one membership that take turns',
      found: 'a change that says what the one before it said',
    });
  }
}
