import { Injectable } from '@nestjs/common';
import type { HttpReply } from '@tributary/service';
import type { AccessRequest } from '../caller.js';
import { SessionCookie } from '../sessions/session-cookie.js';

/** What only the browser that began may end with: it is compared with what the provider sends. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** A path of this site. */
  readonly returnTo: string;
}

/** How long somebody may take at the provider. */
const SECONDS = 600;

/** The cookie of a sign-in that has begun. It comes back with the provider's redirect, which is another site's. */
@Injectable()
export class OidcCookie {
  constructor(private readonly session: SessionCookie) {}

  set(reply: HttpReply, begun: Begun): void {
    const text = Buffer.from(JSON.stringify(begun)).toString('base64url');
    this.session.setOther(reply, 'oidc', text, SECONDS);
  }

  clear(reply: HttpReply): void {
    this.session.setOther(reply, 'oidc', '', 0);
  }

  of(request: AccessRequest): Begun | undefined {
    const text = this.session.other(request, 'oidc');
    if (text === undefined) return undefined;
    try {
      const { state, nonce, verifier, returnTo } = JSON.parse(
        Buffer.from(text, 'base64url').toString('utf8'),
      ) as Partial<Record<keyof Begun, unknown>>;
      if ([state, nonce, verifier, returnTo].some((one) => typeof one !== 'string' || one === ''))
        return undefined;
      return { state, nonce, verifier, returnTo: pathIn(String(returnTo)) } as Begun;
    } catch {
      return undefined;
    }
  }
}

/** A path of this site, or the first page: nobody is led to another site by signing in. */
export function pathIn(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(text) && !text.includes('\\') ? text : '/';
}
