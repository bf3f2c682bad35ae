/** Whether a part of the service can do its work now. Throwing or rejecting says no, with the reason. */
export type HealthCheck = () => boolean | Promise<boolean>;

/** A part that cannot do its work, and why where it said so. */
export interface Failing {
  readonly check: string;
  readonly reason?: string;
}

/** How a service is: ready when nothing fails; what is degraded fails, and the service does its work without it. */
export interface Health {
  readonly failing: readonly Failing[];
  readonly degraded: readonly Failing[];
}

export interface CheckOptions {
  /** Whether the service is not ready while the check fails; true unless given. */
  readonly required?: boolean;
  /** Whether a start waits for it; true unless given. Without, the service works while it is not ready. */
  readonly awaited?: boolean;
}

interface Check {
  readonly name: string;
  readonly required: boolean;
  readonly awaited: boolean;
  readonly question: HealthCheck;
}

const PATIENCE_MS = 2_000;

/** What must be well before a service is ready. Parts add their checks at start. */
export class HealthRegistry {
  readonly #checks = new Map<string, Check>();

  /** Adds a check, asked at each readiness probe; one that is silent for two seconds fails. */
  add(name: string, question: HealthCheck, { required = true, awaited = true }: CheckOptions = {}): void {
    this.#checks.set(name, { name, required, awaited, question });
  }

  /** Asks all checks at once, or those for which a start waits. */
  async look(which: 'all' | 'awaited' = 'all'): Promise<Health> {
    const asked = [...this.#checks.values()].filter((check) => which === 'all' || check.awaited);
    const answers = await Promise.all(asked.map(async (check) => ({ check, failing: await ask(check) })));
    const of = (required: boolean) =>
      answers.flatMap(({ check, failing }) => (failing && check.required === required ? [failing] : []));
    return { failing: of(true), degraded: of(false) };
  }
}

async function ask({ name, question }: Check): Promise<Failing | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
  });
  try {
    return (await Promise.race([question(), late])) ? undefined : { check: name };
  } catch (error) {
    return { check: name, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
