import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { orThrow } from '../../http/api.errors.js';
import { PageQuery } from '../../http/page.dto.js';
import type { Page } from '../../http/page.js';
import { BodyExamples, Fails } from '../../http/route.decorators.js';
import { From, type Caller } from '../caller.js';
import { Needs } from '../needs.js';
import {
  IssuedId,
  NewTokenDto,
  RotateBody,
  TOKEN_EXAMPLES,
  TokenBody,
  TokenDto,
  TokenPageDto,
  type NewToken,
  type ShownToken,
} from './token.dto.js';
import { TokensService } from './tokens.service.js';

@ApiTags('access')
@Needs('admin')
@Controller('v1/tokens')
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  @Get()
  @ApiOperation({ summary: 'All API tokens but the one of the settings, by id; those that ended, too' })
  @ApiOkResponse({ standardSchema: TokenPageDto })
  @Fails(400, 503)
  async list(@Query({ schema: PageQuery }) page: PageQuery): Promise<Page<ShownToken>> {
    return orThrow(await this.tokens.list(page));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One API token' })
  @ApiOkResponse({ standardSchema: TokenDto })
  @Fails(404, 503)
  async find(@Param({ schema: IssuedId }) { id }: IssuedId): Promise<ShownToken> {
    return orThrow(await this.tokens.find(id));
  }

  @Post()
  @ApiOperation({ summary: 'Make an API token', description: 'Its text is in this answer and nowhere else.' })
  @BodyExamples(TOKEN_EXAMPLES)
  @ApiCreatedResponse({ standardSchema: NewTokenDto })
  @Fails(400, [409, 'there are as many as may be'], 503)
  async create(
    @Body({ schema: TokenBody }) body: TokenBody,
    @From() { principal }: Caller,
  ): Promise<NewToken> {
    return orThrow(await this.tokens.create(body, principal));
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Give a token another secret; the one before is good for the time of the overlap',
  })
  @ApiOkResponse({ standardSchema: NewTokenDto })
  @Fails(400, 404, [409, 'it is revoked'], 503)
  async rotate(
    @Param({ schema: IssuedId }) { id }: IssuedId,
    @Body({ schema: RotateBody }) body: RotateBody,
    @From() { principal }: Caller,
  ): Promise<NewToken> {
    return orThrow(await this.tokens.rotate(id, body, principal));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a token, and end the sessions that were opened with it' })
  @ApiNoContentResponse()
  @Fails(404, 503)
  async revoke(@Param({ schema: IssuedId }) { id }: IssuedId, @From() { principal }: Caller): Promise<void> {
    orThrow(await this.tokens.revoke(id, principal));
  }
}
