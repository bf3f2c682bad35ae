import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { grantText, may, needText, type Need } from '@tributary/access';
import { PUBLIC } from '@tributary/service';
import { ApiError } from '../http/api.errors.js';
import { Authenticator } from './authenticator.js';
import type { AccessRequest, Caller } from './caller.js';
import { NEEDS, SIGNED_IN } from './needs.js';

/** Lets a caller in who may do what the route needs. A route that does not say what it needs lets nobody in. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<AccessRequest>();
    const caller = await this.authenticator.callerOf(request);
    const need = this.reflector.getAllAndOverride<Need | typeof SIGNED_IN | undefined>(NEEDS, targets);
    if (need === undefined) throw new Error('the route does not say what it needs');
    if (need !== SIGNED_IN && !may(caller.grant, need)) throw forbidden(caller, need);
    request.caller = caller;
    request.principal = caller.principal;
    return true;
  }
}

function forbidden({ principal, grant }: Caller, need: Need): ApiError {
  const { scopes } = grant;
  const about = need.scope === 'write' ? ` It writes ${need.area}.` : '';
  return new ApiError({
    code: 'forbidden',
    message: `This needs ${needText(need)}; "${principal.name}" has ${grantText(grant)}.${about}`,
    details: { needs: need, scopes },
  });
}
