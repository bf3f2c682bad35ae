import type { ReplayAnswer, ReplayRequest } from '@tributary/contracts';
import { failed, ok, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../src/http/api.errors.js';
import type { HttpReplayer } from '../src/rejected/http.replayer.js';

/** For tests: lets everything pass but what carries the code of a reason that it is given. */
export class InMemoryReplayer implements Pick<HttpReplayer, 'replay'> {
  readonly requests: ReplayRequest[] = [];
  failure: ApiFailure | undefined;

  constructor(private readonly hopeless: string) {}

  async replay(request: ReplayRequest): Promise<Result<ReplayAnswer, ApiFailure>> {
    if (this.failure) return Promise.resolve(failed(this.failure));
    this.requests.push(request);
    const outcomes = request.records.map(({ partition, offset, rejected: { reasons } }, at) => {
      const fails = reasons.filter(({ code }) => code === this.hopeless);
      const calls = at < request.samples ? { calls: [{ before: 1, after: 2 }] } : {};
      const counts = fails.length > 0 ? { accepted: 0, rejected: 1 } : { accepted: 1, rejected: 0 };
      return { partition, offset, ...counts, reasons: fails, ...calls };
    });
    return Promise.resolve(ok({ outcomes }));
  }
}
