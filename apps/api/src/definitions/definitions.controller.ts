import { Body, Controller, Get, Put, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { HttpReply } from '@tributary/service';
import { From, type Caller } from '../access/caller.js';
import { Needs } from '../access/needs.js';
import { By } from '../control/author.js';
import type { Preconditions } from '../control/changes.js';
import type { ByWhom } from '../control/definition-changes.js';
import { orThrow } from '../http/api.errors.js';
import { Changes, Fails, IfMatches } from '../http/route.decorators.js';
import {
  ApplyQuery,
  DefinitionsBody,
  DefinitionsDto,
  ExportQuery,
  PlanDto,
  type ShownPlan,
} from './definitions.dto.js';
import { DefinitionsService } from './definitions.service.js';
import type { SectionName } from './section.js';

@ApiTags('definitions')
@Needs('read')
@Controller('v1/definitions')
export class DefinitionsController {
  constructor(private readonly definitions: DefinitionsService) {}

  @Get()
  @ApiOperation({
    summary: 'All definitions of the workspace, as PUT takes them',
    description: 'Secrets are left out, and `***` stands for them.',
  })
  @ApiOkResponse({ standardSchema: DefinitionsDto })
  @Fails(503)
  async all(
    @Query({ schema: ExportQuery }) { writeKeys }: ExportQuery,
  ): Promise<Readonly<Record<SectionName, unknown>>> {
    return this.definitions.exported(writeKeys === 'true');
  }

  @Put()
  @ApiOperation({
    summary:
      'Make the definitions as they are sent, all or none; or, with dryRun, learn what that would change',
    description:
      'Each is validated as by its own route. The answer names every fault with its place. What is not sent stays, unless it is pruned. A plan needs `read`. An apply needs `write` for the areas that it changes.',
  })
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'the ETag of a dry run: nothing is changed but what it said',
  })
  @Changes()
  @ApiOkResponse({ standardSchema: PlanDto })
  @Fails(400, [409, 'a write key is that of another source'], 412)
  async put(
    @Body({ schema: DefinitionsBody }) body: DefinitionsBody,
    @Query({ schema: ApplyQuery }) query: ApplyQuery,
    @IfMatches() { ifMatch }: Preconditions,
    @From() caller: Caller,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownPlan> {
    const prune = query.prune === 'true';
    const { plan, isUnderWay } =
      query.dryRun === 'true'
        ? { plan: orThrow(await this.definitions.plan(body, prune)), isUnderWay: false }
        : orThrow(await this.definitions.apply(body, { prune, ifMatch }, caller, by));
    if (isUnderWay) reply.status(202);
    reply.header('etag', `"${plan.digest}"`);
    return plan;
  }
}
