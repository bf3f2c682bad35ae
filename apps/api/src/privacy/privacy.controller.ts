import {
  Body,
  Controller,
  Get,
  Header,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { HttpReply } from '@tributary/service';
import { Readable } from 'node:stream';
import { From, type Caller } from '../access/caller.js';
import { Needs } from '../access/needs.js';
import { ApiError, orThrow } from '../http/api.errors.js';
import type { Page } from '../http/page.js';
import { invalidRequest, problem } from '../http/problems.js';
import { BodyExamples, Fails } from '../http/route.decorators.js';
import {
  PRIVACY_EXAMPLES,
  PrivacyRequestBody,
  PrivacyRequestDto,
  PrivacyRequestPageDto,
  PrivacyRequestsQuery,
  RequestId,
  type ShownRequest,
} from './privacy.dto.js';
import { PersonExport } from './person-export.js';
import { PrivacyRequestsService } from './privacy-requests.service.js';

const LONGEST_KEY = 200;

@ApiTags('privacy')
@Needs('admin')
@Controller('v1/privacy/requests')
export class PrivacyController {
  constructor(
    private readonly requests: PrivacyRequestsService,
    private readonly exports: PersonExport,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Forget, suppress or export a person',
    description:
      'It is about all identifiers of the profile that has the identifier, as the tables have them now. The answer is the request, whose status and receipts say how far it has come. The same asked for twice is one request as long as it is open.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'the request that was sent with it before is answered again',
  })
  @BodyExamples(PRIVACY_EXAMPLES)
  @ApiOkResponse({ standardSchema: PrivacyRequestDto, description: 'it was there already' })
  @ApiCreatedResponse({ standardSchema: PrivacyRequestDto })
  @Fails(400, [409, 'the key was sent with another request, or as many are suppressed as may be'], 503)
  async take(
    @Body({ schema: PrivacyRequestBody }) body: PrivacyRequestBody,
    @Headers('idempotency-key') key: string | undefined,
    @From() { principal }: Caller,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownRequest> {
    if (key !== undefined && (key === '' || key.length > LONGEST_KEY))
      throw new ApiError(
        invalidRequest([problem('Idempotency-Key', `must be 1 to ${LONGEST_KEY} characters long`)]),
      );
    const { request, created } = orThrow(await this.requests.take(body, key, { author: principal }));
    if (created) reply.status(201);
    return request;
  }

  @Get()
  @ApiOperation({ summary: 'Privacy requests, the latest first' })
  @ApiOkResponse({ standardSchema: PrivacyRequestPageDto })
  @Fails(400, 503)
  async list(
    @Query({ schema: PrivacyRequestsQuery }) query: PrivacyRequestsQuery,
  ): Promise<Page<ShownRequest>> {
    return orThrow(await this.requests.list(query));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One privacy request, with its receipts' })
  @ApiOkResponse({ standardSchema: PrivacyRequestDto })
  @Fails(400, 404, 503)
  async find(@Param({ schema: RequestId }) { id }: RequestId): Promise<ShownRequest> {
    return orThrow(await this.requests.find(id));
  }

  @Get(':id/export')
  @Header('content-type', 'application/x-ndjson')
  @ApiOperation({
    summary: 'All that is held of the person of an export, as NDJSON, for a day',
    description:
      'A line is a row of a table: `{"store": "events_log", "row": {…}}`. It is read as it is sent, whatever its size.',
  })
  @ApiOkResponse({ description: 'a line of JSON for each row' })
  @Fails(400, 404, 503)
  async export(@Param({ schema: RequestId }) { id }: RequestId): Promise<StreamableFile> {
    const lines = orThrow(await this.exports.lines(id));
    return new StreamableFile(Readable.from(lines), { type: 'application/x-ndjson' });
  }
}
