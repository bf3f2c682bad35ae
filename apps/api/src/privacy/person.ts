import { Injectable } from '@nestjs/common';
import { ok, profileIdOf, type Identifier, type Result } from '@tributary/kernel';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import type { ApiFailure } from '../http/api.errors.js';
import { readIdentifier, writtenIdentifier } from '../identity/identifiers.js';
import { RulesService } from '../identity/rules/rules.service.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';

/** Whom a request is about. */
export interface Person {
  /** As events have it. */
  readonly asked: Identifier;
  /** All of the profile, the one that was asked for among them. */
  readonly identifiers: readonly Identifier[];
  /** The profile, and those that its identifiers were told before and nobody else has now. */
  readonly profiles: readonly string[];
}

/** Finds the person of an identifier, as the tables have them. */
@Injectable()
export class People {
  constructor(
    private readonly clickhouse: ClickHouseReader,
    private readonly rules: RulesService,
  ) {}

  /** One that nobody has seen is a person of this one identifier. */
  async find(text: string): Promise<Result<Person, ApiFailure>> {
    const sent = readIdentifier(text, 'identifier');
    if (!sent.ok) return sent;
    const written = writtenIdentifier(text, 'identifier', await this.rules.inForce());
    if (!written.ok) return written;
    const asked = written.value;
    // From before these rules there may be one that was written otherwise.
    const beginWith = [...new Set([asked, sent.value])];
    const identifiers = new Set<Identifier>(beginWith);
    for (const one of await this.#besides(beginWith)) identifiers.add(one);
    return ok({ asked, identifiers: [...identifiers], profiles: await this.#profilesOf([...identifiers]) });
  }

  async #besides(identifiers: readonly Identifier[]): Promise<readonly Identifier[]> {
    const rows = await this.clickhouse.rows<{ readonly identifier: Identifier }>(
      `SELECT identifier FROM identifiers_by_profile
       WHERE workspace_id = {workspaceId:String} AND profile_id IN (
         SELECT argMax(profile_id, version) FROM identity_assignments
         WHERE workspace_id = {workspaceId:String} AND identifier IN {identifiers:Array(String)}
         GROUP BY identifier)`,
      { identifiers },
    );
    return rows.map(({ identifier }) => identifier);
  }

  async #profilesOf(identifiers: readonly Identifier[]): Promise<readonly string[]> {
    const rows = await this.clickhouse.rows<{ readonly id: string }>(
      `SELECT DISTINCT arrayJoin(arrayPushBack(formerly, profile_id)) AS id FROM identity_assignments
       WHERE workspace_id = {workspaceId:String} AND identifier IN {identifiers:Array(String)}`,
      { identifiers },
    );
    const own = identifiers.map((identifier) => profileIdOf(currentWorkspace(), identifier));
    const told = [...new Set([...own, ...rows.map(({ id }) => id)])];
    const others = await this.#ofOthers(told, identifiers);
    return told.filter((id) => !others.has(id));
  }

  /** The profiles that belong to another person, who was split from this one. */
  async #ofOthers(
    profiles: readonly string[],
    identifiers: readonly Identifier[],
  ): Promise<ReadonlySet<string>> {
    const rows = await this.clickhouse.rows<{ readonly id: string }>(
      `SELECT DISTINCT profile_id AS id FROM identifiers_by_profile
       WHERE workspace_id = {workspaceId:String} AND profile_id IN {profiles:Array(String)}
         AND identifier NOT IN {identifiers:Array(String)}`,
      { profiles, identifiers },
    );
    return new Set(rows.map(({ id }) => id));
  }
}
