import { Inject, Injectable } from '@nestjs/common';
import { audienceQuery } from '@tributary/audiences';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { ClickHouseReader } from '../../clickhouse/clickhouse.reader.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { ResolvedDefinitions } from '../resolved-definitions.js';
import { ClickHousePreviews } from './clickhouse.previews.js';
import type { Preview, PreviewBody } from './preview.dto.js';
import { TraitMerges } from './trait-merges.js';

/** So many are counted at once: the engine has other readers. */
const MOST_AT_ONCE = 4;

const RUNNING: ApiFailure = {
  code: 'previews_running',
  message: `${MOST_AT_ONCE} previews are under way: send this again when one of them has been answered.`,
};

/** Who would be in an audience, which is not defined by that. */
@Injectable()
export class AudiencePreviewsService {
  #running = 0;

  constructor(
    private readonly previews: ClickHousePreviews,
    private readonly clickhouse: ClickHouseReader,
    private readonly merges: TraitMerges,
    private readonly resolved: ResolvedDefinitions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async preview(body: PreviewBody): Promise<Result<Preview, ApiFailure>> {
    const definition = await this.resolved.sent(body);
    if (!definition.ok) return definition;
    if (this.#running >= MOST_AT_ONCE) return failed(RUNNING);
    this.#running += 1;
    try {
      const began = this.clock.now();
      const at = body.at === undefined ? began : Date.parse(body.at);
      const merges = await this.merges.inForce();
      const counted = await this.previews.count(audienceQuery(definition.value, { at, merges }));
      if (!counted.ok) return counted;
      const { size, sample } = counted.value;
      const identifiers = await this.#identifiersOf(sample);
      return ok({
        size,
        sample: sample.map((profileId) => ({ profileId, identifiers: identifiers.get(profileId) ?? [] })),
        asOf: toInstant(at),
        elapsedMs: Math.max(0, this.clock.now() - began),
      });
    } finally {
      this.#running -= 1;
    }
  }

  async #identifiersOf(profileIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    if (profileIds.length === 0) return new Map();
    const rows = await this.clickhouse.rows<{ readonly id: string; readonly identifiers: readonly string[] }>(
      `SELECT profile_id AS id, arrayMap(
         one -> concat(one.namespace, ':', one.value),
         JSONExtract(profile, 'identifiers', 'Array(Tuple(namespace String, value String))')
       ) AS identifiers
       FROM latest_profiles
       WHERE workspace_id = {workspaceId:String} AND profile_id IN {profileIds:Array(String)}`,
      { profileIds },
    );
    return new Map(rows.map(({ id, identifiers }) => [id, identifiers]));
  }
}
