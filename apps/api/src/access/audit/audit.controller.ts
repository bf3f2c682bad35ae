import { Controller, Get, Header, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import { orThrow } from '../../http/api.errors.js';
import type { Page } from '../../http/page.js';
import { Fails } from '../../http/route.decorators.js';
import { Needs } from '../needs.js';
import { AuditFilters, AuditPageDto, AuditQuery, type ShownAuditEntry } from './audit.dto.js';
import { AuditService } from './audit.service.js';

@ApiTags('access')
@Needs('admin')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @ApiOperation({ summary: 'Every write, the latest first: who, when, what, before and after' })
  @ApiOkResponse({ standardSchema: AuditPageDto })
  @Fails(400, 503)
  async list(@Query({ schema: AuditQuery }) query: AuditQuery): Promise<Page<ShownAuditEntry>> {
    return orThrow(await this.audit.list(query));
  }

  @Get('export')
  @Header('content-type', 'application/x-ndjson')
  @ApiOperation({ summary: 'The same as NDJSON, all of it: one entry a line' })
  @ApiOkResponse({ description: 'a line of JSON for each entry, as in the list' })
  @Fails(400, 503)
  export(@Query({ schema: AuditFilters }) filters: AuditFilters): StreamableFile {
    return new StreamableFile(Readable.from(this.audit.export(filters)), { type: 'application/x-ndjson' });
  }
}
