import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@tributary/control';
import { AccessDatabase } from '../access/access-database.js';
import { Needs } from '../access/needs.js';
import { By } from '../control/author.js';
import type { ByWhom } from '../control/definition-changes.js';
import { BodyExamples, Fails } from '../http/route.decorators.js';
import { orThrow } from '../http/api.errors.js';
import {
  REPLAY_EXAMPLES,
  RejectedGroupsQuery,
  RejectedId,
  RejectedQuery,
  ReplayBody,
} from './rejected.dto.js';
import { RejectedService } from './rejected.service.js';

@ApiTags('rejected')
@Needs('read')
@Controller('v1/rejected')
export class RejectedController {
  constructor(
    private readonly rejected: RejectedService,
    private readonly access: AccessDatabase,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What was not accepted, the latest first' })
  @ApiOkResponse({ description: 'a page; of each record the reasons and the beginning of its bytes' })
  @Fails(400, 503)
  async list(@Query({ schema: RejectedQuery }) query: RejectedQuery) {
    return orThrow(await this.rejected.list(query));
  }

  @Get('groups')
  @ApiOperation({ summary: 'What was not accepted, counted by source, route, code and field' })
  @ApiOkResponse({ description: 'a page; of each group the count, the first, the last and a sample' })
  @Fails(400, 503)
  async groups(@Query({ schema: RejectedGroupsQuery }) query: RejectedGroupsQuery) {
    return orThrow(await this.rejected.groups(query));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One record that was not accepted, whole' })
  @ApiOkResponse({ description: 'its reasons, and its bytes as text where they are text' })
  @Fails(404, 503)
  async byId(@Param({ schema: RejectedId }) { id }: RejectedId) {
    return orThrow(await this.rejected.byId(id));
  }

  @Post('replay')
  @Needs('ingest')
  @HttpCode(200)
  @ApiOperation({ summary: 'Mend what was not accepted and send it again, or see what would come of it' })
  @BodyExamples(REPLAY_EXAMPLES)
  @ApiOkResponse({
    description: 'what passed and what did not; samples before and after; where the next page begins',
  })
  @Fails(400, 503)
  async replay(@Body({ schema: ReplayBody }) body: ReplayBody, @By() { author, reason }: ByWhom) {
    if (!body.dryRun) await this.#writeDown(body, author, reason);
    return orThrow(await this.rejected.replay(body));
  }

  /** Before it is done: nothing is sent again that the audit log does not have. */
  async #writeDown(body: ReplayBody, author: Principal, reason: string | undefined): Promise<void> {
    const entry = { author, reason, action: 'replayed', kind: 'rejected', subject: '', after: body };
    await this.access.database.transaction((statements) => this.access.writeDown(statements, entry));
  }
}
