import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { HttpReply } from '@tributary/service';
import { Needs } from '../access/needs.js';
import { Fails } from '../http/route.decorators.js';
import { ClickHouseProfileExport } from './clickhouse.profile-export.js';
import { ExportQuery, FORMATS } from './export.dto.js';

@ApiTags('exports')
@Needs('read')
@Controller('v1/exports')
export class ExportsController {
  constructor(private readonly exported: ClickHouseProfileExport) {}

  @Get('profiles')
  @ApiOperation({
    summary: 'Everybody, as a file of any size',
    description:
      'People as the tables have them when the answer begins: those who were merged are in the profile that holds them. The answer is streamed; one that breaks off has no proper end.',
  })
  @ApiOkResponse({
    description: 'the file',
    content: Object.fromEntries(
      Object.values(FORMATS).map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
    ),
  })
  @Fails(400, 503)
  async profiles(
    @Query({ schema: ExportQuery }) { format }: ExportQuery,
    @Res() reply: HttpReply,
  ): Promise<void> {
    const file = await this.exported.profiles(format);
    reply
      .header('content-type', FORMATS[format])
      .header('content-disposition', `attachment; filename="profiles.${format}"`)
      .send(file);
  }
}
