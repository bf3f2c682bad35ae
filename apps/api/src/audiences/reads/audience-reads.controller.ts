import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { HttpReply } from '@tributary/service';
import { Needs } from '../../access/needs.js';
import { orThrow } from '../../http/api.errors.js';
import { BodyExamples, Fails } from '../../http/route.decorators.js';
import { AudienceKey, traitNamesIn } from '../audience.dto.js';
import { AudiencesService } from '../audiences.service.js';
import { AudienceExplanationsService } from './audience-explanations.service.js';
import { AudiencePreviewsService } from './audience-previews.service.js';
import { AudienceSizesService } from './audience-sizes.service.js';
import { ClickHouseMemberExport } from './clickhouse.member-export.js';
import { ExplainedOne, ExplanationDto, type ShownExplanation } from './explain.dto.js';
import { MEMBER_FORMATS, MemberExportQuery } from './member-export.dto.js';
import { PREVIEW_EXAMPLES, PreviewBody, PreviewDto, type Preview } from './preview.dto.js';
import { SizesDto, SizesQuery, type Sizes } from './sizes.dto.js';

/** What audiences come to, read from the tables. */
@ApiTags('audiences')
@Needs('read')
@Controller('v1')
export class AudienceReadsController {
  constructor(
    private readonly audiences: AudiencesService,
    private readonly previews: AudiencePreviewsService,
    private readonly explanations: AudienceExplanationsService,
    private readonly counted: AudienceSizesService,
    private readonly exported: ClickHouseMemberExport,
  ) {}

  @Post('audiences/preview')
  @Needs('write', 'audiences')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Who would be in an audience, now or at an instant',
    description:
      'Nothing is defined by it. It counts the events in the tables, which follow the stream by about a second, of the people that identifiers belong to now.',
  })
  @BodyExamples(PREVIEW_EXAMPLES)
  @ApiOkResponse({ standardSchema: PreviewDto })
  @Fails(
    400,
    [409, 'as many previews as may be are under way'],
    [422, 'it takes too long, or too much memory'],
    503,
  )
  async preview(@Body({ schema: PreviewBody }) body: PreviewBody): Promise<Preview> {
    return orThrow(await this.previews.preview(body));
  }

  @Get('audiences/:key/explain/:profileId')
  @ApiOperation({
    summary: 'Why a person is in an audience, or is not',
    description:
      'By the events of the person in the tables, which follow the stream by about a second, also while the audience is building.',
  })
  @ApiOkResponse({ standardSchema: ExplanationDto })
  @Fails(400, 404, 503)
  async explain(
    @Param({ schema: ExplainedOne }) { key, profileId }: ExplainedOne,
  ): Promise<ShownExplanation> {
    return orThrow(await this.explanations.explain(key, profileId.toLowerCase()));
  }

  @Get('audiences/:key/sizes')
  @ApiOperation({
    summary: 'How many members an audience had',
    description:
      'By its changes, as far as they are known now: those that events bring late are counted when they became so.',
  })
  @ApiOkResponse({ standardSchema: SizesDto })
  @Fails(400, 404, 503)
  async sizes(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @Query({ schema: SizesQuery }) query: SizesQuery,
  ): Promise<Sizes> {
    return orThrow(await this.counted.sizes(key, query));
  }

  @Get('exports/audiences/:key')
  @ApiOperation({
    summary: 'All members of an audience, as a file of any size',
    description:
      'As the tables have them when the answer begins, by id. The answer is streamed; one that breaks off has no proper end.',
  })
  @ApiOkResponse({
    description: 'the file',
    content: Object.fromEntries(
      Object.values(MEMBER_FORMATS).map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
    ),
  })
  @Fails(400, 404, 503)
  async members(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @Query({ schema: MemberExportQuery }) { format, traits }: MemberExportQuery,
    @Res() reply: HttpReply,
  ): Promise<void> {
    orThrow(await this.audiences.isThere(key));
    const file = await this.exported.members(key, traitNamesIn(traits), format);
    reply
      .header('content-type', MEMBER_FORMATS[format])
      .header('content-disposition', `attachment; filename="${key}.${format}"`)
      .send(file);
  }
}
