import { HarnessError, type Address } from '@tributary/harness';

/**
 * Whether collector and api are ready.
 *
 * @throws HarnessError that says which is not
 */
export async function checkPlatform({ collectorUrl, apiUrl }: Address): Promise<void> {
  for (const url of [collectorUrl, apiUrl]) {
    const ready = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(3_000) }).catch(
      (cause: unknown) => {
        const advice = 'Start the platform first, in another terminal: npm start';
        throw new HarnessError(`Nothing answers on ${url}. ${advice}`, { cause });
      },
    );
    if (!ready.ok) throw new HarnessError(`The service on ${url} is not ready yet: ${await ready.text()}`);
  }
}
