import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { HttpReply } from '@tributary/service';
import { Needs } from '../../access/needs.js';
import { orThrow } from '../../http/api.errors.js';
import { Fails } from '../../http/route.decorators.js';
import { AudienceKey } from '../audience.dto.js';
import { ChangeStreamsService } from './change-streams.service.js';

@ApiTags('audiences')
@Needs('read')
@Controller('v1/audiences')
export class LiveChangesController {
  constructor(private readonly streams: ChangeStreamsService) {}

  @Get(':key/changes')
  @ApiOperation({
    summary: 'Who enters and leaves an audience, as server-sent events',
    description:
      'From now on: `ready`, then a `change` for each, as in audience.changes.v1. A stream that is opened again with `Last-Event-ID` goes on where the former one ended; where that is too long ago its first event is `gap`, and the members are to be read again. It ends after 15 minutes, for a reader to come back.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'the id of the last event that was read',
  })
  @ApiOkResponse({
    description: 'the stream',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @Fails(400, 404, [429, 'as many streams as may be are open'], 503)
  async changes(
    @Param({ schema: AudienceKey }) { key }: AudienceKey,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: HttpReply,
  ): Promise<void> {
    const stream = orThrow(await this.streams.open(key, lastEventId));
    reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(stream);
  }
}
