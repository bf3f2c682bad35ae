import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { grantText, may, needText, type Need } from '@tributary/access';
import { PUBLIC } from '@tributary/service';
import { ApiError } from '../http/api.errors.js';
import { enterWorkspace } from '../workspaces/current-workspace.js';
import { workspaceNotFound } from '../workspaces/quotas.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { Authenticator } from './authenticator.js';
import { headerOf, isOfInstallation, type AccessRequest, type Caller } from './caller.js';
import { INSTALLATION, NEEDS, SIGNED_IN } from './needs.js';

const WORKSPACE_HEADER = 'x-workspace';

/** Lets a caller in who may do what the route needs. A route that does not say what it needs lets nobody in. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly workspaces: WorkspacesService,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<AccessRequest>();
    const known = await this.authenticator.callerOf(request);
    const caller = { ...known, workspace: await this.#workspaceOf(request, known) };
    const need = this.reflector.getAllAndOverride<Need | typeof SIGNED_IN | typeof INSTALLATION | undefined>(
      NEEDS,
      targets,
    );
    if (need === undefined) throw new Error('the route does not say what it needs');
    if (need === INSTALLATION) {
      if (!isOfInstallation(caller)) throw new ApiError(NOT_OF_INSTALLATION);
    } else if (need !== SIGNED_IN && !may(caller.grant, need)) throw forbidden(caller, need);
    enterWorkspace(caller.workspace);
    request.caller = caller;
    request.principal = caller.principal;
    return true;
  }

  /** That of the path or the header, or the caller's own; an admin of the installation may name any that there is. */
  async #workspaceOf(request: AccessRequest, caller: Caller): Promise<string> {
    const named = request.params?.workspace ?? headerOf(request, WORKSPACE_HEADER) ?? caller.workspace;
    if (named !== caller.workspace && !isOfInstallation(caller)) throw new ApiError(workspaceNotFound(named));
    const refusal = await this.workspaces.refusalOf(named);
    // What is disabled is still to be looked at, and enabled.
    if (refusal && !(refusal.code === 'workspace_disabled' && isOfInstallation(caller)))
      throw new ApiError(refusal);
    return named;
  }
}

const NOT_OF_INSTALLATION = {
  code: 'forbidden',
  message:
    'This is for the admins of the installation: send the token of the settings, or ask from its machine.',
  details: { needs: INSTALLATION },
} as const;

function forbidden({ principal, grant }: Caller, need: Need): ApiError {
  const { scopes } = grant;
  const about = need.scope === 'write' ? ` It writes ${need.area}.` : '';
  return new ApiError({
    code: 'forbidden',
    message: `This needs ${needText(need)}; "${principal.name}" has ${grantText(grant)}.${about}`,
    details: { needs: need, scopes },
  });
}
