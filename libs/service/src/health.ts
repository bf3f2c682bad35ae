/** Whether a part of the service can do its work now. Throwing or rejecting says no, with the reason. */
export type HealthCheck = () => boolean | Promise<boolean>;

/** A part that cannot do its work, and why where it said so. */
export interface Failing {
  readonly check: string;
  readonly reason?: string;
}

const PATIENCE_MS = 2_000;

/** What must be well before a service is ready. Parts add their checks at start. */
export class HealthRegistry {
  readonly #checks = new Map<string, HealthCheck>();

  /** Adds a check, asked at each readiness probe; one that is silent for two seconds fails. */
  add(name: string, check: HealthCheck): void {
    this.#checks.set(name, check);
  }

  /** Asks all of them at once; empty when the service is ready. */
  async failing(): Promise<readonly Failing[]> {
    const answers = await Promise.all([...this.#checks].map(([name, check]) => ask(name, check)));
    return answers.filter((answer) => answer !== undefined);
  }
}

async function ask(check: string, question: HealthCheck): Promise<Failing | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
  });
  try {
    return (await Promise.race([question(), late])) ? undefined : { check };
  } catch (error) {
    return { check, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
