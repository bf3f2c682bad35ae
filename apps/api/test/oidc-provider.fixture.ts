import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export const CLIENT = { id: 'tributary', secret: 'a secret of the client' };

/** What the provider says of somebody. */
export interface Person {
  readonly email?: string;
  readonly email_verified?: boolean;
}

/** A real OpenID Connect provider on a free port of this machine: whoever signs in is who they say. */
export class OidcProvider {
  readonly people = new Map<string, Person>();
  #server: Server | undefined;

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
  }

  async start(redirectUri: string): Promise<void> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: [redirectUri],
          grant_types: ['authorization_code'],
          response_types: ['code'],
        },
      ],
      pkce: { required: () => true },
      claims: { email: ['email', 'email_verified'] },
      cookies: { keys: ['a key of the specs'] },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, ...this.people.get(id) }),
      }),
    });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

/** A browser as far as signing in needs one: it keeps cookies by host and port, and follows redirects when told to. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  async get(
    url: string,
    init: { readonly method?: string; readonly body?: URLSearchParams } = {},
  ): Promise<Response> {
    const { host } = new URL(url);
    const own = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, own);
    const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) own.delete(name);
      else own.set(name, value);
    }
    return response;
  }

  /** Goes on from an answer to where the provider leads back to, signing in and consenting as somebody. */
  async signInAs(person: string, first: Response): Promise<string> {
    let url = locationOf(first, '');
    for (let step = 0; step < 20; step += 1) {
      if (url.includes('/v1/session/oidc/callback')) return url;
      const page = await this.get(url);
      if (page.status >= 300 && page.status < 400) {
        url = locationOf(page, url);
        continue;
      }
      const text = await page.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1] ?? '';
      const action = /action="([^"]+)"/.exec(text)?.[1] ?? '';
      const form = new URLSearchParams({ prompt, login: person, password: 'any' });
      const sent = await this.get(new URL(action, url).href, { method: 'POST', body: form });
      url = locationOf(sent, url);
    }
    throw new Error(`the provider does not lead back: ${url}`);
  }

  cookieOf(url: string): string {
    return [...(this.#cookies.get(new URL(url).host) ?? [])]
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
  }
}

function locationOf(response: Response, base: string): string {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`${response.status} leads nowhere`);
  return base === '' ? location : new URL(location, base).href;
}
