import { Inject, Injectable } from '@nestjs/common';
import { guardOf, ReplayAnswer, type ReplayRequest } from '@tributary/contracts';
import { failed, ok, type Result } from '@tributary/kernel';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import type { ApiFailure } from '../http/api.errors.js';

const TIMEOUT_MS = 30_000;
const isAnswer = guardOf(ReplayAnswer);
const AWAY = { code: 'unavailable', message: 'The collector cannot replay now; send this again.' } as const;

/**
 * Has rejected records validated again, mended, and what passes written, by the collector, which alone writes events. As
 * often as one likes: it makes the same events.
 */
@Injectable()
export class HttpReplayer {
  constructor(
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async replay(request: ReplayRequest): Promise<Result<ReplayAnswer, ApiFailure>> {
    let response: Response;
    let body: unknown;
    try {
      response = await fetch(new URL('/internal/v1/replay', this.config.COLLECTOR_INTERNAL_URL), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.config.TRIBUTARY_API_TOKEN}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(request),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      body = await response.json();
    } catch (error) {
      this.logger.warn({ err: error }, 'collector does not answer');
      return failed(AWAY);
    }
    if (response.ok && isAnswer(body)) return ok(body);
    const { error } = body as { readonly error?: { readonly message?: string } };
    if (response.status === 400) {
      return failed({ code: 'invalid_request', message: `mapping: ${error?.message ?? 'is refused'}` });
    }
    this.logger.warn({ status: response.status, reason: error?.message }, 'collector does not replay');
    return failed(AWAY);
  }
}
