import { Inject, Injectable } from '@nestjs/common';
import { OPERATOR } from '@tributary/control';
import { CONFIG } from '@tributary/service';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiConfig } from '../api.config.js';
import { ApiError } from '../http/api.errors.js';
import { headerOf, OPERATOR_GRANT, type AccessRequest, type Caller } from './caller.js';
import { isFromThisMachine, isSafe, isSameOrigin } from './request-origin.js';
import { SessionCookie } from './sessions/session-cookie.js';
import { SessionsService } from './sessions/sessions.service.js';
import { TokensService } from './tokens/tokens.service.js';

/** Knows who sent a request. */
@Injectable()
export class Authenticator {
  readonly #operatorToken: Buffer;

  constructor(
    @Inject(CONFIG) private readonly config: ApiConfig,
    private readonly tokens: TokensService,
    private readonly sessions: SessionsService,
    private readonly cookie: SessionCookie,
  ) {
    this.#operatorToken = digestOf(config.TRIBUTARY_API_TOKEN);
  }

  /** @throws ApiError who it is cannot be known, or the request may not be theirs */
  async callerOf(request: AccessRequest): Promise<Caller> {
    const authorization = headerOf(request, 'authorization');
    if (authorization !== undefined && authorization !== '') return this.#byToken(authorization);
    const session = this.cookie.of(request);
    if (session !== undefined) return this.#bySession(request, session);
    if (this.config.API_LOCAL_OPERATOR && isFromThisMachine(request)) return this.#operator('loopback');
    throw unauthorized('missing', 'The request does not say who sends it.');
  }

  /** Of a token as it was given out, or the one of the settings. */
  async ofToken(token: string): Promise<Caller> {
    if (timingSafeEqual(digestOf(token), this.#operatorToken)) return this.#operator('token');
    const found = await this.tokens.callerOf(token);
    if (found.ok) return found.value;
    throw unauthorized(found.error.reason, found.error.message);
  }

  #operator(by: Caller['by']): Caller {
    const workspace = this.config.TRIBUTARY_WORKSPACE;
    return { principal: OPERATOR, grant: OPERATOR_GRANT, workspace, by };
  }

  async #byToken(authorization: string): Promise<Caller> {
    const token = tokenOf(authorization);
    if (token === undefined) throw unauthorized('malformed', 'The header Authorization cannot be read.');
    return this.ofToken(token);
  }

  async #bySession(request: AccessRequest, text: string): Promise<Caller> {
    const found = await this.sessions.callerOf(text);
    if (!found.ok) throw unauthorized(found.error.reason, found.error.message);
    const caller = found.value;
    if (isSafe(request) || isSameOrigin(request, this.config.API_PUBLIC_URL)) return caller;
    const given = headerOf(request, 'x-csrf-token') ?? '';
    if (given !== '' && given === caller.session?.csrfToken) return caller;
    throw new ApiError({
      code: 'cross_site',
      message:
        'A request that changes something and comes with a cookie must come from the page of this api: its Origin is another. Send the csrfToken of GET /v1/session as X-CSRF-Token, or use a token.',
    });
  }
}

function unauthorized(reason: string, message: string): ApiError {
  return new ApiError({
    code: 'unauthorized',
    message: `${message} Send "Authorization: Bearer <token>", or Basic with the token as the user and no password, or sign in by POST /v1/session.`,
    details: { reason },
  });
}

function tokenOf(header: string): string | undefined {
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
