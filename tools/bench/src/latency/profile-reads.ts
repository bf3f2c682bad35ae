import type { Client } from '@tributary/harness';
import { BenchError } from '../bench.errors.js';

const READS = 500;
const WARM_UP = 50;

/**
 * Reads profiles by their ids through the api, one after another, and answers with how long each took in milliseconds.
 * Of few profiles each is read several times.
 */
export async function timeProfileReads(
  client: Client,
  profileIds: readonly string[],
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < WARM_UP + READS; turn += 1) {
    const id = profileIds[turn % profileIds.length];
    if (id === undefined) throw new BenchError('there is no profile to be read');
    const start = performance.now();
    await client.ask('GET', `/v1/profiles/${id}`);
    if (turn >= WARM_UP) times.push(performance.now() - start);
  }
  return times;
}
