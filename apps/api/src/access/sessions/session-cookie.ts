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
  readonly #prefix: string;
  readonly #attributes: string;

  constructor(@Inject(CONFIG) { BIND_ADDRESS, API_PUBLIC_URL }: ApiConfig) {
    const isPlain = isLoopback(BIND_ADDRESS) && API_PUBLIC_URL?.startsWith('https:') !== true;
    this.#prefix = isPlain ? 'tributary_' : '__Host-tributary_';
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax${isPlain ? '' : '; Secure'}`;
  }

  of(request: AccessRequest): string | undefined {
    return this.other(request, 'session');
  }

  set(reply: HttpReply, text: string, seconds: number): void {
    reply.header('set-cookie', this.#text('session', text, seconds));
  }

  clear(reply: HttpReply): void {
    reply.header('set-cookie', this.#text('session', '', 0));
  }

  /** A cookie with the same protection under another name. */
  other(request: AccessRequest, name: string): string | undefined {
    const pairs = (headerOf(request, 'cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
    return pairs.find(([one]) => one === this.#prefix + name)?.[1];
  }

  setOther(reply: HttpReply, name: string, text: string, seconds: number): void {
    reply.header('set-cookie', this.#text(name, text, seconds));
  }

  #text(name: string, text: string, seconds: number): string {
    return `${this.#prefix}${name}=${text}; Max-Age=${seconds}; ${this.#attributes}`;
  }
}
