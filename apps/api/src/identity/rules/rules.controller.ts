import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Needs } from '../../access/needs.js';
import type { Clock } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { By } from '../../control/author.js';
import type { Preconditions } from '../../control/changes.js';
import type { ByWhom } from '../../control/definition-changes.js';
import { VersionPageDto, VersionParameter, type ShownVersion } from '../../control/versions.dto.js';
import { orThrow } from '../../http/api.errors.js';
import { eitherOf } from '../../http/dto.js';
import { PageQuery } from '../../http/page.dto.js';
import type { Page } from '../../http/page.js';
import { Changes, Conditional, Fails, IfMatches } from '../../http/route.decorators.js';
import { accepted, answer } from '../../http/reply.js';
import { SplitsService } from '../splits/splits.service.js';
import { DryRunDto, type ShownDryRun } from '../dry-run/dry-run.dto.js';
import { DryRunService } from '../dry-run/dry-run.service.js';
import { leavingOf, type ClosingReply } from './leaving.js';
import { DryRunQuery, RulesBody, RulesDto, type ShownRules } from './rules.dto.js';
import { RulesService } from './rules.service.js';

@ApiTags('identity')
@Needs('read')
@Controller('v1/identity/rules')
export class RulesController {
  constructor(
    private readonly rules: RulesService,
    private readonly dryRuns: DryRunService,
    private readonly splits: SplitsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The rules in force of who may be one person' })
  @ApiOkResponse({ standardSchema: RulesDto })
  async find(@Res({ passthrough: true }) reply: ClosingReply): Promise<ShownRules> {
    return answer(reply, await this.rules.inForce());
  }

  @Put()
  @Needs('write', 'identity')
  @ApiOperation({
    summary: 'Replace the rules; or, with dryRun, learn what that would change',
    description:
      'Whoever is one person by the new rules is so within seconds, of all that was ever seen. How values are written (normalise) holds for new events. A dry run compares with the rules in force, over all links and with the splits in force, and answers a DryRunDto; one at a time.',
  })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @ApiOkResponse({ standardSchema: eitherOf(RulesDto, DryRunDto) })
  @Fails(400, [409, 'another dry run is under way'], [422, 'more links than a dry run may look at'])
  async put(
    @Body({ schema: RulesBody }) body: RulesBody,
    @Query({ schema: DryRunQuery }) { dryRun }: DryRunQuery,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: ClosingReply,
  ): Promise<ShownRules | ShownDryRun> {
    if (dryRun === 'true') return this.#dryRun(body, preconditions, leavingOf(reply));
    const { shown, ...outcome } = orThrow(await this.rules.put(body, preconditions, by));
    return answer(reply, shown, outcome);
  }

  @Get('versions')
  @ApiOperation({ summary: 'Every version of the rules, the latest first' })
  @ApiOkResponse({ standardSchema: VersionPageDto })
  @Fails(503)
  async versions(@Query({ schema: PageQuery }) page: PageQuery): Promise<Page<ShownVersion>> {
    return orThrow(await this.rules.versions(page));
  }

  @Post('versions/:version/restore')
  @Needs('write', 'identity')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put a version of the rules in force once more, as a new one' })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @ApiOkResponse({ standardSchema: RulesDto })
  @Fails(400, 404)
  async restore(
    @Param({ schema: VersionParameter }) { version }: VersionParameter,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: ClosingReply,
  ): Promise<ShownRules> {
    const { shown, ...outcome } = orThrow(await this.rules.restore(version, preconditions, by));
    return answer(reply, shown, outcome);
  }

  @Delete()
  @Needs('write', 'identity')
  @HttpCode(204)
  @ApiOperation({ summary: 'Go back to the built-in rules' })
  @Conditional('If-Match')
  @Changes()
  @ApiNoContentResponse()
  async reset(
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: ClosingReply,
  ): Promise<void> {
    accepted(reply, orThrow(await this.rules.reset(preconditions, by)));
  }

  async #dryRun(body: RulesBody, preconditions: Preconditions, left: AbortSignal): Promise<ShownDryRun> {
    const after = orThrow(await this.rules.check(body, preconditions));
    const before = await this.rules.inForce();
    const startedAt = this.clock.now();
    const report = orThrow(await this.dryRuns.run(before, after, await this.splits.pairsApart(), left));
    const elapsedMs = this.clock.now() - startedAt;
    return { dryRun: true, rulesVersion: before.version, ...report, elapsedMs };
  }
}
