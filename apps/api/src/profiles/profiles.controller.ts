import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPermanentRedirectResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  type ApiResponseSchemaHost,
} from '@nestjs/swagger';
import { ProfileMessage } from '@tributary/contracts';
import { orThrow } from '../http/api.errors.js';
import { ErrorDto } from '../http/error.dto.js';
import type { Reply } from '../http/reply.js';
import { Secured } from '../http/secured.decorator.js';
import { IdentifierQuery, ProfileId } from './profile.dto.js';
import { ProfilesService } from './profiles.service.js';

const PROFILE = {
  description: 'the profile, as in the topic profiles.v1',
  schema: JSON.parse(JSON.stringify(ProfileMessage)) as ApiResponseSchemaHost['schema'],
};

@ApiTags('profiles')
@Secured()
@Controller('v1/profiles')
export class ProfilesController {
  constructor(private readonly profiles: ProfilesService) {}

  @Get()
  @ApiOperation({ summary: 'The profile of an identifier' })
  @ApiOkResponse(PROFILE)
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async ofIdentifier(@Query() { identifier }: IdentifierQuery): Promise<unknown> {
    return JSON.parse(orThrow(await this.profiles.ofIdentifier(identifier)).json);
  }

  @Get(':profileId')
  @ApiOperation({ summary: 'A profile' })
  @ApiOkResponse(PROFILE)
  @ApiPermanentRedirectResponse({ description: 'it was merged: Location names the profile that holds it' })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async byId(@Param() { profileId }: ProfileId, @Res({ passthrough: true }) reply: Reply): Promise<unknown> {
    const profile = orThrow(await this.profiles.holding(profileId));
    if (profile.profileId === profileId) return JSON.parse(profile.json);
    reply.status(308).header('location', `/v1/profiles/${profile.profileId}`);
    return { profileId, mergedInto: profile.profileId };
  }
}
