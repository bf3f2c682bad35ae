import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CONFIG, Public, type HttpReply } from '@tributary/service';
import Type from 'typebox';
import type { ApiConfig } from '../../api.config.js';
import { ApiError, orThrow } from '../../http/api.errors.js';
import { parameters, type Value } from '../../http/dto.js';
import { Fails } from '../../http/route.decorators.js';
import { agentOf, type AccessRequest, type Origin } from '../caller.js';
import { addressOf } from '../request-origin.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { NOT_SET_UP, OidcClient } from './oidc-client.js';
import { OidcCookie, pathIn } from './oidc-cookie.js';
import { OidcService } from './oidc.service.js';

const BeginQuery = parameters({
  returnTo: Type.Optional(
    Type.String({
      maxLength: 2_000,
      description: 'a path of this site, to be led to in the end; / unless given',
    }),
  ),
});
type BeginQuery = Value<typeof BeginQuery>;

@ApiTags('access')
@Public()
@Controller('v1/session/oidc')
export class OidcController {
  constructor(
    private readonly client: OidcClient,
    private readonly cookie: OidcCookie,
    private readonly oidc: OidcService,
    private readonly session: SessionCookie,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Sign in by the OpenID Connect provider: for browsers, which are led there' })
  @ApiResponse({ status: 302, description: 'to the provider' })
  @Fails(404, 503)
  async begin(
    @Query({ schema: BeginQuery }) { returnTo }: BeginQuery,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<void> {
    const { url, begun } = await this.client.begin(pathIn(returnTo));
    this.cookie.set(reply, begun);
    redirect(reply, url);
  }

  @Get('callback')
  @ApiOperation({
    summary: 'Where the provider leads browsers back to; the answer sets the cookie of a session',
  })
  @ApiResponse({ status: 302, description: 'to where the sign-in began' })
  @Fails(404, 429, 503)
  async end(@Req() request: AccessRequest, @Res({ passthrough: true }) reply: HttpReply): Promise<void> {
    if (this.config.OIDC_ISSUER === undefined) throw new ApiError(NOT_SET_UP);
    const begun = this.cookie.of(request);
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
    const { text, seconds } = orThrow(await this.oidc.end(query, begun, this.#originOf(request)));
    this.session.set(reply, text, seconds);
    this.cookie.clear(reply);
    redirect(reply, begun?.returnTo ?? '/');
  }

  #originOf(request: AccessRequest): Origin {
    return { address: addressOf(request, this.config.API_TRUSTED_HOPS), agent: agentOf(request) };
  }
}

function redirect(reply: HttpReply, to: string): void {
  reply.header('cache-control', 'no-store');
  reply.header('location', to);
  reply.status(302);
}
