import { Injectable } from '@nestjs/common';
import type { Identifier } from '@tributary/kernel';
import { ClickHouseReader } from '../../clickhouse/clickhouse.reader.js';
import { pairsIn, textsIn } from '../../clickhouse/lists.js';
import type { Ends, PartnerCount, Stay, StoredLink } from './stored-links.js';

const OF_WORKSPACE = 'workspace_id = {workspaceId:String}';

/** Identifiers, their links and their events, as the tables of the workspace have them. */
@Injectable()
export class ClickHouseIdentityGraph {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  /** Those that were ever assigned; others are profiles of their own. */
  async stays(identifiers: readonly Identifier[]): Promise<readonly Stay[]> {
    if (identifiers.length === 0) return [];
    return this.clickhouse.rows<Stay>(
      `SELECT identifier, profile_id AS profileId, toUnixTimestamp64Milli(\`from\`) AS since, reason
       FROM identity_history
       WHERE ${OF_WORKSPACE} AND identifier IN ${textsIn(identifiers)} AND until IS NULL`,
    );
  }

  /** The identifiers that are in a profile by their assignment, in the order of their texts. */
  async assignedTo(profileId: string, limit: number): Promise<readonly Identifier[]> {
    const rows = await this.clickhouse.rows<{ readonly identifier: Identifier }>(
      `SELECT identifier FROM identifiers_by_profile
       WHERE ${OF_WORKSPACE} AND profile_id = {profileId:String} ORDER BY identifier LIMIT {limit:UInt32}`,
      { profileId, limit },
    );
    return rows.map(({ identifier }) => identifier);
  }

  /** The links of which an end is one of them: those between two of them first, then the earliest. */
  async linksOf(identifiers: readonly Identifier[], limit: number): Promise<readonly StoredLink[]> {
    return this.#links(identifiers, limit, '');
  }

  /** The same, of those that both ends agree to. */
  async eligibleLinksOf(identifiers: readonly Identifier[], limit: number): Promise<readonly StoredLink[]> {
    return this.#links(identifiers, limit, "HAVING x_refusal = '' AND y_refusal = ''");
  }

  async partnersOf(identifiers: readonly Identifier[]): Promise<readonly PartnerCount[]> {
    if (identifiers.length === 0) return [];
    return this.clickhouse.rows<PartnerCount>(
      `SELECT a AS identifier, substring(b, 1, position(b, ':') - 1) AS namespace, toUInt64(uniqExact(b)) AS partners
       FROM identity_links
       WHERE ${OF_WORKSPACE} AND kind = 'eligibility' AND a IN ${textsIn(identifiers)}
       GROUP BY identifier, namespace`,
    );
  }

  /** When an identifier was first seen on an event of its own; undefined where there is none. */
  async firstEventOf(identifier: Identifier): Promise<number | undefined> {
    const [row] = await this.clickhouse.rows<{ readonly at: number; readonly events: number }>(
      `SELECT toUnixTimestamp64Milli(min(received_at)) AS at, toUInt64(count()) AS events FROM events_log
       WHERE ${OF_WORKSPACE} AND identifier = {identifier:String}`,
      { identifier },
    );
    return row && row.events > 0 ? row.at : undefined;
  }

  /** For pairs, the earliest event that bore both; looked for among the events whose primary identifier is given. */
  async firstEvents(pairs: readonly Ends[], among: readonly Identifier[]) {
    if (pairs.length === 0) return [];
    const ends = [...new Set(pairs.flat())];
    const rows = await this.clickhouse.rows<EventRow>(
      `SELECT x, y, argMin((source_id, message_id, type, event, toUnixTimestamp64Milli(received_at)),
         (received_at, message_id)) AS first
       FROM (
         SELECT source_id, message_id, type, event, received_at, identifiers, x
         FROM events_log ARRAY JOIN identifiers AS x
         WHERE ${OF_WORKSPACE} AND identifier IN ${textsIn(among)} AND x IN ${textsIn(ends)}
       )
       ARRAY JOIN identifiers AS y
       WHERE (x, y) IN ${pairsIn(pairs)}
       GROUP BY x, y`,
    );
    return rows.map(({ x, y, first: [sourceId, messageId, type, event, receivedAt] }) => ({
      ends: [x, y] as const,
      event: { sourceId, messageId, type, event, receivedAt },
    }));
  }

  /**
   * What they say themselves is found by the primary key, and by it what those say whom that names, as both ends speak
   * of every link.
   */
  async #links(
    identifiers: readonly Identifier[],
    limit: number,
    having: string,
  ): Promise<readonly StoredLink[]> {
    if (identifiers.length === 0) return [];
    const rows = await this.clickhouse.rows<LinkRow>(
      `WITH given AS ${textsIn(identifiers)}
       SELECT least(l.a, l.b) AS x, greatest(l.a, l.b) AS y,
         argMaxOrNullIf(toString(l.refusal), l.version, l.a < l.b) AS x_refusal,
         argMaxOrNullIf(toString(l.refusal), l.version, l.a > l.b) AS y_refusal,
         toUnixTimestamp64Milli(min(l.first_seen)) AS seen,
         toUnixTimestamp64Milli(ifNull(minOrNullIf(l.end_first_seen, l.a < l.b), min(l.first_seen))) AS x_seen,
         toUnixTimestamp64Milli(ifNull(minOrNullIf(l.end_first_seen, l.a > l.b), min(l.first_seen))) AS y_seen
       FROM identity_links AS l
       WHERE ${OF_WORKSPACE} AND kind = 'eligibility' AND (
         l.a IN given OR l.b IN given AND l.a IN (
           SELECT said.b FROM identity_links AS said
           WHERE said.workspace_id = {workspaceId:String} AND said.kind = 'eligibility' AND said.a IN given
         )
       )
       GROUP BY x, y ${having}
       ORDER BY x IN given AND y IN given DESC, seen, x, y LIMIT {limit:UInt32}`,
      { limit },
    );
    return rows.map(({ x, y, x_refusal, y_refusal, seen, x_seen, y_seen }) => ({
      ends: [
        { identifier: x, firstSeen: x_seen, refusal: x_refusal ?? undefined },
        { identifier: y, firstSeen: y_seen, refusal: y_refusal ?? undefined },
      ],
      firstSeen: seen,
    }));
  }
}

interface LinkRow {
  readonly x: Identifier;
  readonly y: Identifier;
  readonly x_refusal: string | null;
  readonly y_refusal: string | null;
  readonly seen: number;
  readonly x_seen: number;
  readonly y_seen: number;
}

interface EventRow {
  readonly x: Identifier;
  readonly y: Identifier;
  readonly first: readonly [
    sourceId: string,
    messageId: string,
    type: string,
    event: string,
    receivedAt: number,
  ];
}
