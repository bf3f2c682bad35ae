import {
  readStateAnswers,
  stateReadPath,
  STATE_READ_KEYS,
  type StateAnswer,
  type StateReader,
} from '@tributary/contracts';
import { request, type Agent, type IncomingMessage } from 'node:http';

/** One under way and one on its way: what comes meanwhile goes with the next. */
const REQUESTS_AT_ONCE = 2;
/** Beyond, whoever asks is told at once that there is no answer. */
const MOST_WAITING = 2_000;
const MAX_ANSWER_BYTES = 16 * 1_048_576;

export interface LaneOptions {
  readonly reader: StateReader;
  /** Where the owner answers. */
  readonly address: string;
  readonly token: string;
  readonly agent: Agent;
  /** So long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

interface Asked {
  readonly key: string;
  readonly resolve: (answer: StateAnswer | 'away') => void;
}

/** What one processor is asked in one process: what is asked while requests are under way goes in one request. */
export class OwnerLane {
  readonly #options: LaneOptions;
  #waiting: Asked[] = [];
  #underWay = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** `away`: it does not answer, or not in time, or is asked for too much. */
  ask(key: string): Promise<StateAnswer | 'away'> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.resolve('away');
    return new Promise((resolve) => {
      this.#waiting.push({ key, resolve });
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#underWay < REQUESTS_AT_ONCE && this.#waiting.length > 0) {
      const asked = this.#waiting.splice(0, STATE_READ_KEYS);
      this.#underWay += 1;
      void this.#send(asked);
    }
  }

  async #send(asked: readonly Asked[]): Promise<void> {
    const answers = await this.#request(asked.map(({ key }) => key)).catch(() => []);
    this.#underWay -= 1;
    for (const [i, answer] of answers.entries()) asked[i]?.resolve(answer);
    const rest = asked.slice(answers.length);
    // An answer that grew too large ends before the last keys; one that is empty is none.
    if (answers.length > 0) this.#waiting = [...rest, ...this.#waiting];
    else for (const { resolve } of rest) resolve('away');
    this.#pump();
  }

  async #request(keys: readonly string[]): Promise<readonly StateAnswer[]> {
    const { reader, address, token, agent, timeoutMs } = this.#options;
    const body = JSON.stringify({ keys });
    const text = await new Promise<string>((resolve, reject) => {
      const sent = request(
        `${address}${stateReadPath(reader)}`,
        {
          method: 'POST',
          agent,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        },
        (response) => {
          readText(response).then(resolve, reject);
        },
      );
      const late = setTimeout(() => sent.destroy(new Error('the owner does not answer in time')), timeoutMs);
      sent.once('error', reject);
      sent.once('close', () => {
        clearTimeout(late);
      });
      sent.end(body);
    });
    const answers = readStateAnswers(text);
    if (!answers.ok) throw new Error(answers.error);
    return answers.value;
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const { statusCode = 0 } = response;
  if (statusCode !== 200 && statusCode !== 421) {
    response.resume();
    throw new Error(`the owner answers ${statusCode}`);
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
  }
  return Buffer.concat(parts).toString('utf8');
}
