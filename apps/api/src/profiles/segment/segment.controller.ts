import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Clock, Result } from '@tributary/kernel';
import { CLOCK, type HttpReply } from '@tributary/service';
import { Needs } from '../../access/needs.js';
import { orThrow, type ApiFailure } from '../../http/api.errors.js';
import { Fails } from '../../http/route.decorators.js';
import { sayAge } from '../held-profile.js';
import {
  ExternalIdsDto,
  ExternalIdsQuery,
  LinksDto,
  MetadataDto,
  ProfilePath,
  SegmentEventsDto,
  SegmentEventsQuery,
  SegmentPage,
  TraitsDto,
  TraitsQuery,
} from './segment.dto.js';
import { SegmentAccountsService } from './segment-accounts.service.js';
import type { About } from './segment-answers.js';
import { SegmentService } from './segment.service.js';

const FOUND = [404, 'Profile was not found, or the workspace is not yours'] as const;

/** What reads profiles of Segment's reads them here, with nothing but another address. */
@ApiTags('profile-api')
@Needs('read')
@Controller('v1/spaces/:workspace/collections/:collection/profiles/:identifier')
export class SegmentController {
  constructor(
    private readonly users: SegmentService,
    private readonly accounts: SegmentAccountsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('traits')
  @ApiOperation({ summary: 'Traits of a user or an account, as Segment’s Profile API has them' })
  @ApiOkResponse({ standardSchema: TraitsDto })
  @Fails(400, FOUND, 503)
  async traits(
    @Param({ schema: ProfilePath }) path: ProfilePath,
    @Query({ schema: TraitsQuery }) query: TraitsQuery,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<object> {
    return this.#answer(await this.#of(path).traits(path, query), reply);
  }

  @Get('external_ids')
  @ApiOperation({ summary: 'Identifiers of a user or an account, as Segment’s Profile API has them' })
  @ApiOkResponse({ standardSchema: ExternalIdsDto })
  @Fails(400, FOUND, 503)
  async externalIds(
    @Param({ schema: ProfilePath }) path: ProfilePath,
    @Query({ schema: ExternalIdsQuery }) query: ExternalIdsQuery,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<object> {
    return this.#answer(await this.#of(path).externalIds(path, query), reply);
  }

  @Get('events')
  @ApiOperation({ summary: 'Events of a user or an account, as Segment’s Profile API has them' })
  @ApiOkResponse({ standardSchema: SegmentEventsDto })
  @Fails(400, FOUND, 503)
  async events(
    @Param({ schema: ProfilePath }) path: ProfilePath,
    @Query({ schema: SegmentEventsQuery }) query: SegmentEventsQuery,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<object> {
    return this.#answer(await this.#of(path).events(path, query), reply);
  }

  @Get('metadata')
  @ApiOperation({ summary: 'When a user or an account was seen, as Segment’s Profile API has it' })
  @ApiOkResponse({ standardSchema: MetadataDto })
  @Fails(400, FOUND, 503)
  async metadata(
    @Param({ schema: ProfilePath }) path: ProfilePath,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<object> {
    return this.#answer(await this.#of(path).metadata(path), reply);
  }

  @Get('links')
  @ApiOperation({ summary: 'Accounts of a user or people of an account, as Segment’s Profile API has them' })
  @ApiOkResponse({ standardSchema: LinksDto })
  @Fails(400, FOUND, 503)
  async links(
    @Param({ schema: ProfilePath }) path: ProfilePath,
    @Query({ schema: SegmentPage }) query: SegmentPage,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<object> {
    return this.#answer(await this.#of(path).links(path, query), reply);
  }

  #of({ collection }: ProfilePath): SegmentService | SegmentAccountsService {
    return collection === 'accounts' ? this.accounts : this.users;
  }

  #answer(result: Result<About<object>, ApiFailure>, reply: HttpReply): object {
    const { held, answer } = orThrow(result);
    sayAge(reply, held, this.clock.now());
    return answer;
  }
}
