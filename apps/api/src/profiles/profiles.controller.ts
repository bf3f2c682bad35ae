import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiTemporaryRedirectResponse,
  ApiTags,
  type ApiResponseSchemaHost,
} from '@nestjs/swagger';
import { Needs } from '../access/needs.js';
import { ProfileMessage } from '@tributary/contracts';
import { orThrow } from '../http/api.errors.js';
import { Fails } from '../http/route.decorators.js';
import { CLOCK, type HttpReply } from '@tributary/service';
import type { Clock } from '@tributary/kernel';
import { sayAge, withAsOf, type HeldProfile } from './held-profile.js';
import { IdentifierQuery, ProfileId } from './profile.dto.js';
import { ProfilesService } from './profiles.service.js';

const PROFILE = {
  description: 'the profile, as in the topic profiles.v1',
  schema: JSON.parse(JSON.stringify(ProfileMessage)) as ApiResponseSchemaHost['schema'],
};

@ApiTags('profiles')
@Needs('read')
@Controller('v1/profiles')
export class ProfilesController {
  constructor(
    private readonly profiles: ProfilesService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The profile of an identifier' })
  @ApiOkResponse(PROFILE)
  @Fails(400, 404, 503)
  async ofIdentifier(
    @Query({ schema: IdentifierQuery }) { identifier }: IdentifierQuery,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<string> {
    return this.#answer(orThrow(await this.profiles.ofIdentifier(identifier)), reply);
  }

  @Get(':profileId')
  @ApiOperation({ summary: 'A profile' })
  @ApiOkResponse(PROFILE)
  @ApiTemporaryRedirectResponse({
    description:
      'it was merged: Location names the profile that holds it, until a split takes it apart again',
  })
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

  #answer(profile: HeldProfile, reply: HttpReply): string {
    sayAge(reply, profile, this.clock.now());
    reply.header('content-type', 'application/json; charset=utf-8');
    return withAsOf(profile);
  }
}
