import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { HttpReply } from '@tributary/service';
import { From, isOfInstallation, type Caller } from '../access/caller.js';
import { Needs, NeedsInstallation } from '../access/needs.js';
import { By } from '../control/author.js';
import type { Preconditions } from '../control/changes.js';
import type { ByWhom } from '../control/definition-changes.js';
import { VersionPageDto, type ShownVersion } from '../control/versions.dto.js';
import { ApiError, orThrow } from '../http/api.errors.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import { accepted, answer } from '../http/reply.js';
import { BodyExamples, Changes, Conditional, Fails, IfMatches } from '../http/route.decorators.js';
import { workspaceNotFound } from './quotas.js';
import {
  WORKSPACE_EXAMPLES,
  WorkspaceBody,
  WorkspaceDto,
  WorkspaceId,
  WorkspacePageDto,
  WorkspaceVersion,
  type ListedWorkspace,
  type ShownWorkspace,
} from './workspace.dto.js';
import { WorkspacesService } from './workspaces.service.js';

@ApiTags('workspaces')
@Controller('v1/workspaces')
export class WorkspacesController {
  constructor(private readonly workspaces: WorkspacesService) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'One’s own workspace; all of them, by id, for the admins of the installation' })
  @ApiOkResponse({ standardSchema: WorkspacePageDto })
  @Fails(400, 503)
  async list(
    @Query({ schema: PageQuery }) page: PageQuery,
    @From() caller: Caller,
  ): Promise<Page<ListedWorkspace>> {
    return orThrow(await this.workspaces.list(caller.workspace, isOfInstallation(caller), page));
  }

  @Get(':id')
  @Needs('read')
  @ApiOperation({ summary: 'A workspace: what it may use, and what it uses' })
  @ApiOkResponse({ standardSchema: WorkspaceDto })
  @Fails(404, 503)
  async find(
    @Param({ schema: WorkspaceId }) { id }: WorkspaceId,
    @From() caller: Caller,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownWorkspace> {
    if (!isOfInstallation(caller) && id !== caller.workspace) throw new ApiError(workspaceNotFound(id));
    return answer(reply, orThrow(await this.workspaces.find(id)));
  }

  @Put(':id')
  @NeedsInstallation()
  @ApiOperation({ summary: 'Make a workspace, or change its name and quotas, or disable it' })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @BodyExamples(WORKSPACE_EXAMPLES)
  @ApiOkResponse({ standardSchema: WorkspaceDto })
  @ApiCreatedResponse({ standardSchema: WorkspaceDto })
  @Fails(400, [409, 'it is that of the settings, or there are as many as may be'])
  async put(
    @Param({ schema: WorkspaceId }) { id }: WorkspaceId,
    @Body({ schema: WorkspaceBody }) body: WorkspaceBody,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownWorkspace> {
    const { workspace, ...outcome } = orThrow(await this.workspaces.put(id, body, preconditions, by));
    return answer(reply, workspace, outcome);
  }

  @Get(':id/versions')
  @NeedsInstallation()
  @ApiOperation({ summary: 'Every version of a workspace, the latest first; of one that was removed, too' })
  @ApiOkResponse({ standardSchema: VersionPageDto })
  @Fails(503)
  async versions(
    @Param({ schema: WorkspaceId }) { id }: WorkspaceId,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<Page<ShownVersion>> {
    return orThrow(await this.workspaces.versions(id, page));
  }

  @Post(':id/versions/:version/restore')
  @NeedsInstallation()
  @HttpCode(200)
  @ApiOperation({ summary: 'Put a version in force once more, as a new one; this undoes a removal, too' })
  @Conditional('If-Match', 'If-None-Match')
  @Changes()
  @ApiOkResponse({ standardSchema: WorkspaceDto })
  @ApiCreatedResponse({ standardSchema: WorkspaceDto })
  @Fails(400, 404, [409, 'there are as many as may be'])
  async restore(
    @Param({ schema: WorkspaceVersion }) { id, version }: WorkspaceVersion,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownWorkspace> {
    const restored = await this.workspaces.restore(id, version, preconditions, by);
    const { workspace, ...outcome } = orThrow(restored);
    return answer(reply, workspace, outcome);
  }

  @Delete(':id')
  @NeedsInstallation()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Remove a workspace in which no definition is in force, with its users and tokens',
  })
  @Conditional('If-Match')
  @Changes()
  @ApiNoContentResponse()
  @Fails(404, [409, 'it has definitions in force, or is that of the settings'])
  async remove(
    @Param({ schema: WorkspaceId }) { id }: WorkspaceId,
    @IfMatches() preconditions: Preconditions,
    @By() by: ByWhom,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<void> {
    accepted(reply, orThrow(await this.workspaces.remove(id, preconditions, by)));
  }
}
