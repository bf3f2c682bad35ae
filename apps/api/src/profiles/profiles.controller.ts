import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags, ApiTemporaryRedirectResponse } from '@nestjs/swagger';
import type { Clock } from '@tributary/kernel';
import { CLOCK, type HttpReply } from '@tributary/service';
import { Needs } from '../access/needs.js';
import { orThrow } from '../http/api.errors.js';
import type { Page } from '../http/page.js';
import { Fails } from '../http/route.decorators.js';
import { sayAge, withAsOf, type HeldProfile } from './held-profile.js';
import {
  BatchAnswerDto,
  BatchDto,
  EventsQuery,
  IdentifierQuery,
  MembershipsDto,
  ProfileDto,
  ProfileId,
  TimelineDto,
  type Batch,
  type Membership,
  type TimelineEvent,
} from './profile.dto.js';
import { BATCH_ANSWER_BYTES, ProfileBatches } from './profile-batches.js';
import { ProfilesService } from './profiles.service.js';
import { TimelineService } from './timeline.service.js';

const AGE =
  'The process that holds the profile answers, with what it knows now: what was sent is in it within a second. While none holds it, as when one has just ended, the tables answer. `X-Data-Source` says who did (`state` or `tables`), `Age` how old the answer may be, in seconds, and `asOf` as of when it is so.';
const MERGED = {
  description: 'it was merged: Location names the profile that holds it, until a split takes it apart again',
};

@ApiTags('profiles')
@Needs('read')
@Controller('v1/profiles')
export class ProfilesController {
  constructor(
    private readonly profiles: ProfilesService,
    private readonly batches: ProfileBatches,
    private readonly timelines: TimelineService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The profile of an identifier', description: AGE })
  @ApiOkResponse({ standardSchema: ProfileDto })
  @Fails(400, 404, 503)
  async ofIdentifier(
    @Query({ schema: IdentifierQuery }) { identifier }: IdentifierQuery,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<string> {
    return this.#answer(orThrow(await this.profiles.ofIdentifier(identifier)), reply);
  }

  @Post('batch')
  @HttpCode(200)
  @ApiOperation({
    summary: 'The profiles of several identifiers',
    description: `Each with its profile or its error. Where the answer would be larger than ${BATCH_ANSWER_BYTES} bytes, the last ones have the error payload_too_large: ask for them again.`,
  })
  @ApiOkResponse({ standardSchema: BatchAnswerDto })
  @Fails(400, 503)
  async batch(
    @Body({ schema: BatchDto }) { identifiers }: Batch,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<string> {
    return asJson(reply, await this.batches.answer(identifiers));
  }

  @Get(':profileId')
  @ApiOperation({ summary: 'A profile', description: AGE })
  @ApiOkResponse({ standardSchema: ProfileDto })
  @ApiTemporaryRedirectResponse(MERGED)
  @Fails(404, 503)
  async byId(
    @Param({ schema: ProfileId }) { profileId }: ProfileId,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<string | object> {
    const id = profileId.toLowerCase();
    const profile = orThrow(await this.profiles.holding(id));
    if (profile.profileId === id) return this.#answer(profile, reply);
    reply.status(307).header('location', `/v1/profiles/${profile.profileId}`);
    return { profileId: id, mergedInto: profile.profileId };
  }

  @Get(':profileId/events')
  @ApiOperation({
    summary: 'The events of a profile, the newest first',
    description:
      'Those of all its identifiers, also of the profile into which it was merged. They are read from the tables, which follow the stream by about a second.',
  })
  @ApiOkResponse({ standardSchema: TimelineDto })
  @Fails(400, 404, 503)
  async events(
    @Param({ schema: ProfileId }) { profileId }: ProfileId,
    @Query({ schema: EventsQuery }) query: EventsQuery,
  ): Promise<Page<TimelineEvent>> {
    return orThrow(await this.timelines.events(profileId.toLowerCase(), query));
  }

  @Get(':profileId/audiences')
  @ApiOperation({
    summary: 'The audiences that a profile is in',
    description: 'They are read from the tables, which follow the stream by about a second.',
  })
  @ApiOkResponse({ standardSchema: MembershipsDto })
  @Fails(404, 503)
  async audiences(
    @Param({ schema: ProfileId }) { profileId }: ProfileId,
  ): Promise<{ readonly data: readonly Membership[] }> {
    return orThrow(await this.timelines.audiences(profileId.toLowerCase()));
  }

  #answer(profile: HeldProfile, reply: HttpReply): string {
    sayAge(reply, profile, this.clock.now());
    return asJson(reply, withAsOf(profile));
  }
}

/** What is JSON already is not read to be written again. */
function asJson(reply: HttpReply, text: string): string {
  reply.header('content-type', 'application/json; charset=utf-8');
  return text;
}
