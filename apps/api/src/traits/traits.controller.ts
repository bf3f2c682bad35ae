import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Needs } from '../access/needs.js';
import { By } from '../control/author.js';
import type { Preconditions } from '../control/changes.js';
import type { ByWhom } from '../control/definition-changes.js';
import { VersionPageDto, type ShownVersion } from '../control/versions.dto.js';
import { BodyExamples, Changes, Conditional, Fails, IfMatches } from '../http/route.decorators.js';
import { orThrow } from '../http/api.errors.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import type { HttpReply } from '@tributary/service';
import { accepted, answer } from '../http/reply.js';
import {
  TRAIT_EXAMPLES,
  TraitBody,
  TraitDto,
  TraitKey,
  TraitVersion,
  TraitPageDto,
  type ShownTrait,
} from './trait.dto.js';
import { TraitsService } from './traits.service.js';

@ApiTags('computed traits')
@Needs('read')
@Controller('v1/traits')
export class TraitsController {
  constructor(private readonly traits: TraitsService) {}

  @Get()
  @ApiOperation({ summary: 'All computed traits, by key' })
  @ApiOkResponse({ standardSchema: TraitPageDto })
  async list(@Query({ schema: PageQuery }) page: PageQuery): Promise<Page<ShownTrait>> {
    return orThrow(await this.traits.list(page));
  }

  @Get(':key')
  @ApiOperation({ summary: 'One computed trait' })
  @ApiOkResponse({ standardSchema: TraitDto })
  @Fails(404)
  async find(
    @Param({ schema: TraitKey }) { key }: TraitKey,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownTrait> {
    return answer(reply, orThrow(await this.traits.find(key)));
  }

  @Put(':key')
  @Needs('write', 'audiences')
  @ApiOperation({
    summary: 'Create a computed trait, or replace it',
    description:
      'It is computed over all of history. Until that is known its state is building, and profiles have the value of the definition before.',
  })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @BodyExamples(TRAIT_EXAMPLES)
  @ApiOkResponse({ standardSchema: TraitDto })
  @ApiCreatedResponse({ standardSchema: TraitDto })
  @Fails(400, [409, 'it is one more than the quota of the workspace'])
  async put(
    @Param({ schema: TraitKey }) { key }: TraitKey,
    @Body({ schema: TraitBody }) body: TraitBody,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownTrait> {
    const { trait, ...outcome } = orThrow(await this.traits.put(key, body, preconditions, by));
    return answer(reply, trait, outcome);
  }

  @Get(':key/versions')
  @ApiOperation({
    summary: 'Every version of a computed trait, the latest first; of one that was removed, too',
  })
  @ApiOkResponse({ standardSchema: VersionPageDto })
  @Fails(503)
  async versions(
    @Param({ schema: TraitKey }) { key }: TraitKey,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<Page<ShownVersion>> {
    return orThrow(await this.traits.versions(key, page));
  }

  @Post(':key/versions/:version/restore')
  @Needs('write', 'audiences')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put a version in force once more, as a new one; this undoes a removal, too' })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @ApiOkResponse({ standardSchema: TraitDto })
  @ApiCreatedResponse({ standardSchema: TraitDto })
  @Fails(400, 404, [409, 'it is one more than the quota of the workspace'])
  async restore(
    @Param({ schema: TraitVersion }) { key, version }: TraitVersion,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownTrait> {
    const { trait, ...outcome } = orThrow(await this.traits.restore(key, version, preconditions, by));
    return answer(reply, trait, outcome);
  }

  @Delete(':key')
  @Needs('write', 'audiences')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a computed trait' })
  @Conditional('If-Match')
  @Changes()
  @ApiNoContentResponse()
  @Fails(404, [409, 'a score ranks it'])
  async remove(
    @Param({ schema: TraitKey }) { key }: TraitKey,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<void> {
    accepted(reply, orThrow(await this.traits.remove(key, preconditions, by)));
  }
}
