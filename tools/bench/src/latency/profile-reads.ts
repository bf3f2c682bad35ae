import { BenchError } from '../bench.errors.js';

const READS = 500;
const WARM_UP = 50;

/**
 * Reads profiles by their ids through the api, one after another, and answers with how long each took in milliseconds.
 * Of few profiles each is read several times.
 */
export async function timeProfileReads(
  apiUrl: string,
  profileIds: readonly string[],
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < WARM_UP + READS; turn += 1) {
    const id = profileIds[turn % profileIds.length];
    if (id === undefined) throw new BenchError('there is no profile to be read');
    const start = performance.now();
    const response = await fetch(`${apiUrl}/v1/profiles/${id}`, {
      headers: { Authorization: 'Bearer dev-api-token' },
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`the api answered for the profile ${id} with ${response.status}: ${text}`);
    if (turn >= WARM_UP) times.push(performance.now() - start);
  }
  return times;
}
