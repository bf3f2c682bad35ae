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
  Req,
  Res,
} from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { toInstant } from '@tributary/kernel';
import { CONFIG, Public, type HttpReply } from '@tributary/service';
import type { ApiConfig } from '../../api.config.js';
import { ApiError, orThrow } from '../../http/api.errors.js';
import type { Page } from '../../http/page.js';
import { BodyExamples, Fails } from '../../http/route.decorators.js';
import { agentOf, From, headerOf, type AccessRequest, type Caller, type Origin } from '../caller.js';
import { NeedsSignIn } from '../needs.js';
import { addressOf, isSameOrigin } from '../request-origin.js';
import { IssuedId } from '../tokens/token.dto.js';
import { LinksService } from '../users/links.service.js';
import { SessionCookie } from './session-cookie.js';
import {
  LinkBody,
  PasswordBody,
  SessionPageDto,
  SessionsQuery,
  SIGN_IN_EXAMPLES,
  SignInBody,
  WhoDto,
  type ShownSession,
  type Who,
} from './session.dto.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';

@ApiTags('access')
@Controller('v1')
export class SessionController {
  constructor(
    private readonly signIns: SignInService,
    private readonly sessions: SessionsService,
    private readonly links: LinksService,
    private readonly cookie: SessionCookie,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  @Post('session')
  @Public()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Sign in, by email address and password or by an API token; the answer sets a cookie',
  })
  @BodyExamples(SIGN_IN_EXAMPLES)
  @ApiOkResponse({ standardSchema: WhoDto })
  @Fails(400, [401, 'it is the wrong password, or no token'], [403, 'a page of another site asks'], 429, 503)
  async signIn(
    @Body({ schema: SignInBody }) body: SignInBody,
    @Req() request: AccessRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<Who> {
    this.#refuseOtherSites(request);
    const { text, seconds } = orThrow(await this.signIns.signIn(body, this.#originOf(request)));
    this.cookie.set(reply, text, seconds);
    return whoIs(orThrowRefused(await this.sessions.callerOf(text)));
  }

  @Post('session/link')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Set a password by a link that is good once, and sign in' })
  @ApiOkResponse({ standardSchema: WhoDto })
  @Fails(400, [403, 'a page of another site asks'], [410, 'the link is not good any more'], 429, 503)
  async useLink(
    @Body({ schema: LinkBody }) body: LinkBody,
    @Req() request: AccessRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<Who> {
    this.#refuseOtherSites(request);
    const { text, seconds } = orThrow(await this.links.use(body, this.#originOf(request)));
    this.cookie.set(reply, text, seconds);
    return whoIs(orThrowRefused(await this.sessions.callerOf(text)));
  }

  @Get('session')
  @NeedsSignIn()
  @ApiOperation({ summary: 'Who the request is from, and what they may do' })
  @ApiOkResponse({ standardSchema: WhoDto })
  who(@From() caller: Caller): Who {
    return whoIs(caller);
  }

  @Delete('session')
  @NeedsSignIn()
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out; without a session there is nothing to do' })
  @ApiNoContentResponse()
  @Fails(503)
  async signOut(@From() caller: Caller, @Res({ passthrough: true }) reply: HttpReply): Promise<void> {
    if (caller.session) await this.sessions.end(caller.session.id, caller);
    this.cookie.clear(reply);
  }

  @Put('session/password')
  @NeedsSignIn()
  @HttpCode(204)
  @ApiOperation({ summary: 'Change one’s password; one’s other sessions end' })
  @ApiNoContentResponse()
  @Fails(400, [403, 'it is no user'], 429, 503)
  async changePassword(
    @Body({ schema: PasswordBody }) body: PasswordBody,
    @From() caller: Caller,
    @Req() request: AccessRequest,
  ): Promise<void> {
    orThrow(await this.signIns.changePassword(body, caller, this.#originOf(request)));
  }

  @Get('sessions')
  @NeedsSignIn()
  @ApiOperation({ summary: 'One’s sessions, or those of everybody' })
  @ApiOkResponse({ standardSchema: SessionPageDto })
  @Fails(400, [403, 'those of everybody are for the scope "admin"'], 503)
  async list(
    @Query({ schema: SessionsQuery }) query: SessionsQuery,
    @From() caller: Caller,
  ): Promise<Page<ShownSession>> {
    return orThrow(await this.sessions.list(query, caller));
  }

  @Delete('sessions/:id')
  @NeedsSignIn()
  @HttpCode(204)
  @ApiOperation({ summary: 'End a session: one’s own or, with the scope "admin", anybody’s' })
  @ApiNoContentResponse()
  @Fails(404, 503)
  async end(@Param({ schema: IssuedId }) { id }: IssuedId, @From() caller: Caller): Promise<void> {
    orThrow(await this.sessions.end(id, caller));
  }

  /** Another site must not sign people in as somebody of its own. */
  #refuseOtherSites(request: AccessRequest): void {
    if (headerOf(request, 'origin') === undefined || isSameOrigin(request, this.config.API_PUBLIC_URL))
      return;
    throw new ApiError({
      code: 'cross_site',
      message: 'A page of another site may not sign people in here.',
    });
  }

  #originOf(request: AccessRequest): Origin {
    return { address: addressOf(request, this.config.API_TRUSTED_HOPS), agent: agentOf(request) };
  }
}

function whoIs({ principal, role, grant, workspace, by, session }: Caller): Who {
  const { scopes, areas } = grant;
  return {
    principal,
    role: role ?? null,
    scopes: [...scopes],
    areas: [...areas],
    workspace,
    by,
    ...(session && { session: { ...session, expiresAt: toInstant(session.expiresAt) } }),
  };
}

function orThrowRefused(found: Awaited<ReturnType<SessionsService['callerOf']>>): Caller {
  if (found.ok) return found.value;
  throw new ApiError({ code: 'sign_in_failed', message: found.error.message });
}
