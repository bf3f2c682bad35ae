import { Body, Controller, Delete, Get, HttpCode, Inject, Put, Query, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiExtraModels,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPreconditionFailedResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Clock } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { etagOf, type Preconditions } from '../../control/changes.js';
import { orThrow } from '../../http/api.errors.js';
import { ErrorDto } from '../../http/error.dto.js';
import { IF_MATCH, IF_NONE_MATCH, IfMatches } from '../../http/preconditions.decorator.js';
import { Secured } from '../../http/secured.decorator.js';
import { SplitsService } from '../splits/splits.service.js';
import type { ShownDryRun } from '../dry-run/dry-run-report.js';
import { DryRunService } from '../dry-run/dry-run.service.js';
import { leavingOf, type ClosingReply } from './leaving.js';
import { DryRunDto, DryRunQuery, RULES_BODY, RulesDto } from './rules.dto.js';
import { RulesService, type ShownRules } from './rules.service.js';

@ApiTags('identity')
@Secured()
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
  @ApiOkResponse({ type: RulesDto })
  find(@Res({ passthrough: true }) reply: ClosingReply): ShownRules {
    const rules = this.rules.inForce();
    reply.header('etag', etagOf(rules));
    return rules;
  }

  @Put()
  @ApiOperation({
    summary: 'Replace the rules; or, with dryRun, learn what that would change',
    description:
      'Whoever is one person by the new rules is so within seconds, of all that was ever seen. How values are written (normalise) holds for new events. A dry run compares with the rules in force, over all links and with the splits in force, and answers a DryRunDto; one at a time.',
  })
  @ApiHeader(IF_MATCH)
  @ApiHeader(IF_NONE_MATCH)
  @ApiBody(RULES_BODY)
  @ApiExtraModels(RulesDto, DryRunDto)
  @ApiOkResponse({
    schema: { oneOf: [{ $ref: getSchemaPath(RulesDto) }, { $ref: getSchemaPath(DryRunDto) }] },
  })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'another dry run is under way' })
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiUnprocessableEntityResponse({ type: ErrorDto, description: 'more links than a dry run may look at' })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async put(
    @Body() body: unknown,
    @Query() { dryRun }: DryRunQuery,
    @IfMatches() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: ClosingReply,
  ): Promise<ShownRules | ShownDryRun> {
    if (dryRun === 'true') return this.#dryRun(body, preconditions, leavingOf(reply));
    const rules = orThrow(await this.rules.put(body, preconditions));
    reply.header('etag', etagOf(rules));
    return rules;
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Go back to the built-in rules' })
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse()
  @ApiPreconditionFailedResponse({ type: ErrorDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async reset(@IfMatches() preconditions: Preconditions): Promise<void> {
    orThrow(await this.rules.reset(preconditions));
  }

  async #dryRun(body: unknown, preconditions: Preconditions, left: AbortSignal): Promise<ShownDryRun> {
    const after = orThrow(this.rules.check(body, preconditions));
    const before = this.rules.inForce();
    const startedAt = this.clock.now();
    const report = orThrow(await this.dryRuns.run(before, after, this.splits.pairsApart(), left));
    const elapsedMs = this.clock.now() - startedAt;
    return { dryRun: true, rulesVersion: before.version, ...report, elapsedMs };
  }
}
