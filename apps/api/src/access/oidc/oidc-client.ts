import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG, LOGGER, type Logger } from '@tributary/service';
import * as oidc from 'openid-client';
import type { ApiConfig } from '../../api.config.js';
import { ApiError } from '../../http/api.errors.js';
import type { Begun } from './oidc-cookie.js';

/** What a provider says of somebody who signed in there. */
export interface ProvidedIdentity {
  readonly issuer: string;
  /** Never given to another, unlike an email address. */
  readonly subject: string;
  readonly email: string | undefined;
  readonly isEmailVerified: boolean;
}

const PATIENCE_S = 10;
/** Keys are read anew when one is not known; endpoints hardly ever move. */
const DESCRIPTION_MS = 3_600_000;

/** There is no provider in the settings. */
export const NOT_SET_UP = {
  code: 'route_not_found',
  message: 'Nobody signs in by OpenID Connect here: OIDC_ISSUER is not set.',
} as const;

/** Speaks with the provider: authorization code with PKCE, state and nonce. */
@Injectable()
export class OidcClient {
  #described: { readonly at: number; readonly by: Promise<oidc.Configuration> } | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Where the browser goes, and what it has to come back with. @throws ApiError */
  async begin(returnTo: string): Promise<{ readonly url: string; readonly begun: Begun }> {
    const provider = await this.#provider();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const verifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: this.#callback().href,
      scope: this.config.OIDC_SCOPES,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, begun: { state, nonce, verifier, returnTo } };
  }

  /** Who came back; `query` is that of the redirect. @throws ApiError */
  async end(query: string, { state, nonce, verifier }: Begun): Promise<ProvidedIdentity> {
    const provider = await this.#provider();
    const url = this.#callback();
    url.search = query;
    try {
      const tokens = await oidc.authorizationCodeGrant(provider, url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('no id token');
      const { iss: issuer, sub: subject } = claims;
      // Providers may say no more in the token than who it is.
      const said =
        claims.email === undefined
          ? await oidc.fetchUserInfo(provider, tokens.access_token, subject)
          : claims;
      const { email, email_verified: isVerified } = said as Readonly<Record<string, unknown>>;
      return {
        issuer,
        subject,
        email: typeof email === 'string' ? email : undefined,
        isEmailVerified: isVerified === true,
      };
    } catch (error) {
      this.logger.warn({ err: error }, 'a sign-in by the provider came to nothing');
      throw failureOf(error);
    }
  }

  #callback(): URL {
    return new URL('/v1/session/oidc/callback', this.config.API_PUBLIC_URL);
  }

  async #provider(): Promise<oidc.Configuration> {
    const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: id, OIDC_CLIENT_SECRET: secret } = this.config;
    if (issuer === undefined || id === undefined) throw new ApiError(NOT_SET_UP);
    const now = this.clock.now();
    if (!this.#described || now - this.#described.at >= DESCRIPTION_MS) {
      const by = describe(issuer, id, secret);
      this.#described = { at: now, by };
    }
    const { by } = this.#described;
    try {
      return await by;
    } catch (error) {
      if (this.#described.by === by) this.#described = undefined;
      this.logger.warn({ err: error }, 'the provider of sign-ins does not describe itself');
      throw new ApiError(AWAY, { cause: error });
    }
  }
}

async function describe(issuer: string, id: string, secret: string | undefined): Promise<oidc.Configuration> {
  return oidc.discovery(
    new URL(issuer),
    id,
    {},
    secret === undefined ? oidc.None() : oidc.ClientSecretBasic(secret),
    {
      timeout: PATIENCE_S,
      // The settings take http on loopback alone; it is called deprecated so that it stands out.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      ...(issuer.startsWith('http:') && { execute: [oidc.allowInsecureRequests] }),
    },
  );
}

const AWAY = {
  code: 'unavailable',
  message: 'The provider of sign-ins does not answer; sign in by password, or try again.',
} as const;

/** What the provider or the browser sent is wrong, or nothing came. */
function failureOf(error: unknown): ApiError {
  const isAway =
    error instanceof TypeError || (error instanceof Error && /^(Timeout|Abort)Error$/.test(error.name));
  if (isAway) return new ApiError(AWAY, { cause: error });
  const refused =
    error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError
      ? ` The provider says ${error.error}.`
      : '';
  return new ApiError(
    { code: 'sign_in_failed', message: `The sign-in by the provider came to nothing.${refused}` },
    { cause: error },
  );
}
