import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { HttpReply } from '@tributary/service';
import { From, isOfInstallation, type Caller } from '../access/caller.js';
import { Needs, NeedsInstallation } from '../access/needs.js';
import { changingController } from '../control/definition-routes.js';
import { ApiError, orThrow } from '../http/api.errors.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import { answer } from '../http/reply.js';
import { Fails } from '../http/route.decorators.js';
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
export class WorkspacesController extends changingController({
  one: ':id',
  id: WorkspaceId,
  version: WorkspaceVersion,
  body: WorkspaceBody,
  shown: WorkspaceDto,
  examples: WORKSPACE_EXAMPLES,
  needs: { read: NeedsInstallation(), write: NeedsInstallation() },
  put: { summary: 'Make a workspace, or change its name and quotas, or disable it' },
  versions: { summary: 'Every version of a workspace, the latest first; of one that was removed, too' },
  remove: { summary: 'Remove a workspace in which no definition is in force, with its users and tokens' },
  conflicts: {
    put: 'it is that of the settings, or there are as many as may be',
    restore: 'there are as many as may be',
    remove: 'it has definitions in force, or is that of the settings',
  },
}) {
  constructor(private readonly workspaces: WorkspacesService) {
    super(workspaces);
  }

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
    return answer(reply, orThrow(await this.workspaces.find({ id })));
  }
}
