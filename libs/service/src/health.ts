import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';

/** Whether a part of the service can do its work now. Throwing or rejecting says no, with the reason. */
export type HealthCheck = () => boolean | Promise<boolean>;

export interface CheckOptions {
  /** What a failure makes of the service: not ready, or degraded where it is false; true unless given. */
  readonly required?: boolean;
  /** Whether a start waits for it; true unless given. Without, the service works while it is not ready. */
  readonly awaited?: boolean;
}

interface Check {
  readonly awaited: boolean;
  readonly ask: () => Promise<HealthIndicatorResult>;
}

const PATIENCE_MS = 2_000;

/** What must be well before a service is ready. Parts add their checks at start. */
export class HealthRegistry {
  readonly #terminus = new HealthIndicatorService();
  readonly #checks = new Map<string, Check>();

  /** Adds a check, asked at each readiness probe; one that is silent for two seconds fails. */
  add(name: string, question: HealthCheck, { required = true, awaited = true }: CheckOptions = {}): void {
    const check = this.#terminus.check(name);
    const ask = async () => {
      const result = await check.attempt(() => yes(question)).withTimeout(PATIENCE_MS);
      const { status, message } = result[name] as { readonly status: string; readonly message?: string };
      return status === 'up' || required ? result : check.degraded(message);
    };
    this.#checks.set(name, { awaited, ask });
  }

  /** Asks all checks at once, or those for which a start waits: name → `up`, `down` or `degraded`, and why. */
  async look(which: 'all' | 'awaited' = 'all'): Promise<HealthIndicatorResult> {
    const asked = [...this.#checks.values()].filter(({ awaited }) => which === 'all' || awaited);
    return Object.assign({}, ...(await Promise.all(asked.map(({ ask }) => ask())))) as HealthIndicatorResult;
  }
}

async function yes(question: HealthCheck): Promise<void> {
  if (!(await question())) throw new Error('not ready');
}
