import { Injectable } from '@nestjs/common';
import { ok, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../http/api.errors.js';
import { keyBefore, pageOf, type Page } from '../http/page.js';
import { ClickHouseTimeline } from './clickhouse.timeline.js';
import type { EventsQuery, Membership, TimelineEvent } from './profile.dto.js';
import { ProfilesService } from './profiles.service.js';

/** What happened to a profile, and where it is a member. */
@Injectable()
export class TimelineService {
  constructor(
    private readonly profiles: ProfilesService,
    private readonly timeline: ClickHouseTimeline,
  ) {}

  async events(
    profileId: string,
    { limit, cursor, start, end }: EventsQuery,
  ): Promise<Result<Page<TimelineEvent>, ApiFailure>> {
    const held = await this.profiles.holding(profileId);
    if (!held.ok) return held;
    const scope = { list: `events of ${profileId}`, filter: { start, end } };
    const after = keyBefore(cursor, scope);
    if (!after.ok) return after;
    const events = await this.timeline.events(
      { profileId: held.value.profileId },
      { limit: limit + 1, after: after.value, start, end },
    );
    const page = pageOf(events, limit, scope, ({ place }) => place);
    return ok({ ...page, data: page.data.map(({ event }) => event) });
  }

  async audiences(profileId: string): Promise<Result<{ readonly data: readonly Membership[] }, ApiFailure>> {
    const held = await this.profiles.holding(profileId);
    return held.ok ? ok({ data: await this.timeline.memberships(held.value.profileId) }) : held;
  }
}
