import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { OPERATOR, type Principal } from '@tributary/control';
import { CONFIG, PUBLIC } from '@tributary/service';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiConfig } from '../api.config.js';
import { ApiError } from './api.errors.js';

/** Every route is for those who have the token, except those that are said to be public. */
@Injectable()
export class TokenGuard implements CanActivate {
  readonly #expected: Buffer;

  constructor(
    @Inject(CONFIG) config: ApiConfig,
    private readonly reflector: Reflector,
  ) {
    this.#expected = digestOf(config.TRIBUTARY_API_TOKEN);
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const token = tokenOf(request.headers.authorization);
    if (token !== undefined && timingSafeEqual(digestOf(token), this.#expected)) {
      request.principal = OPERATOR;
      return true;
    }
    throw new ApiError({
      code: 'unauthorized',
      message: 'Send "Authorization: Bearer <token>", or Basic with the token as the user and no password.',
    });
  }
}

interface GuardedRequest {
  principal?: Principal;
  readonly headers: { readonly authorization?: string };
}

function tokenOf(header = ''): string | undefined {
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S+)$/.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const userAndPassword = Buffer.from(credentials, 'base64').toString('utf8');
  return userAndPassword.endsWith(':') ? userAndPassword.slice(0, -1) : undefined;
}

/** Of one length whatever the token's, so that comparing tells nothing. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
