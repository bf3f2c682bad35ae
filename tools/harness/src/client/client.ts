import type { ProfileMessage } from '@tributary/contracts';
import { AnswerError } from '../harness.errors.js';
import type { Address } from './address.js';
import type { Call } from './call.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Speaks with a collector and an api as programs do. The address is read at each request: it may change meanwhile. */
export class Client {
  constructor(readonly address: Address) {}

  /** A request to the collector with the write key, answered as it may be. Headers that are given replace ours. */
  post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    { headers, signal }: Pick<RequestInit, 'signal'> & { readonly headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const Authorization = `Basic ${Buffer.from(`${this.address.writeKey}:`).toString('base64')}`;
    return fetch(`${this.address.collectorUrl}${path}`, {
      ...{ method: 'POST', headers: { Authorization, ...JSON_TYPE, ...headers }, body },
      ...(signal && { signal }),
    });
  }

  /**
   * Sends calls in one batch.
   *
   * @throws AnswerError unless every one of them is accepted
   */
  async send(...calls: readonly Call[]): Promise<void> {
    const response = await this.post('/v1/batch', JSON.stringify({ batch: calls }));
    const text = await response.text();
    if (!response.ok || (JSON.parse(text) as { readonly accepted?: number }).accepted !== calls.length)
      throw new AnswerError(`POST ${this.address.collectorUrl}/v1/batch`, response.status, text);
  }

  /** A request to the api with the token, answered as it may be. */
  api(path: string, init: RequestInit = {}): Promise<Response> {
    const Authorization = `Bearer ${this.address.apiToken}`;
    const headers = { ...(init.headers as Record<string, string>), Authorization };
    return fetch(`${this.address.apiUrl}${path}`, { ...init, headers });
  }

  /**
   * What the api answers; undefined where that is nothing.
   *
   * @throws AnswerError when it refuses
   */
  async ask(method: string, path: string, body?: object): Promise<unknown> {
    const content = body === undefined ? {} : { headers: JSON_TYPE, body: JSON.stringify(body) };
    const response = await this.api(path, { method, ...content });
    const text = await response.text();
    if (!response.ok) throw new AnswerError(`${method} ${this.address.apiUrl}${path}`, response.status, text);
    return text === '' ? undefined : JSON.parse(text);
  }

  /**
   * Defines an audience, or leaves it as it is when it is the same already.
   *
   * @throws AnswerError
   */
  async putAudience(key: string, query: string, name = key): Promise<void> {
    await this.ask('PUT', `/v1/audiences/${key}`, { name, query });
  }

  /**
   * Defines a computed trait, or leaves it as it is when it is the same already.
   *
   * @throws AnswerError
   */
  async putTrait(key: string, query: string, of: 'people' | 'accounts' = 'people'): Promise<void> {
    await this.ask('PUT', `/v1/traits/${key}`, { name: key, query, of });
  }

  /**
   * Says how a trait is merged, of all history and from then on.
   *
   * @throws AnswerError
   */
  async putTraitRule(name: string, merge: string): Promise<void> {
    await this.ask('PUT', `/v1/trait-rules/${encodeURIComponent(name)}`, { merge });
  }

  /**
   * `building`, `live` or `failed`.
   *
   * @throws AnswerError
   */
  async audienceState(key: string): Promise<string> {
    return ((await this.ask('GET', `/v1/audiences/${key}`)) as { readonly state: string }).state;
  }

  /**
   * The ids of the profiles in an audience.
   *
   * @throws AnswerError
   */
  async members(key: string): Promise<readonly string[]> {
    const answer = await this.ask('GET', `/v1/audiences/${key}/members`);
    return (answer as { readonly data: readonly { readonly profileId: string }[] }).data.map(
      ({ profileId }) => profileId,
    );
  }

  /**
   * The profile that an identifier, `namespace:value`, belongs to.
   *
   * @throws AnswerError
   */
  async profile(identifier: string): Promise<ProfileMessage> {
    const query = new URLSearchParams({ identifier }).toString();
    return (await this.ask('GET', `/v1/profiles?${query}`)) as ProfileMessage;
  }
}
