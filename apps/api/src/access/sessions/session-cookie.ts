import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, isLoopback, type HttpReply } from '@tributary/service';
import type { ApiConfig } from '../../api.config.js';
import { headerOf, type AccessRequest } from '../caller.js';

/**
 * The cookie of a session. Scripts cannot read it, and other sites cannot have it sent with a write. It is Secure, and no
 * other host of the domain can set it, but where everything is on loopback and plain.
 */
@Injectable()
export class SessionCookie {
  readonly #name: string;
  readonly #attributes: string;

  constructor(@Inject(CONFIG) { BIND_ADDRESS, API_PUBLIC_URL }: ApiConfig) {
    const isPlain = isLoopback(BIND_ADDRESS) && API_PUBLIC_URL?.startsWith('https:') !== true;
    this.#name = isPlain ? 'tributary_session' : '__Host-tributary_session';
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax${isPlain ? '' : '; Secure'}`;
  }

  of(request: AccessRequest): string | undefined {
    const pairs = (headerOf(request, 'cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
    return pairs.find(([name]) => name === this.#name)?.[1];
  }

  set(reply: HttpReply, text: string, seconds: number): void {
    reply.header('set-cookie', `${this.#name}=${text}; Max-Age=${seconds}; ${this.#attributes}`);
  }

  clear(reply: HttpReply): void {
    reply.header('set-cookie', `${this.#name}=; Max-Age=0; ${this.#attributes}`);
  }
}
