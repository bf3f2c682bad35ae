import {
  readStateAnswers,
  stateReadPath,
  STATE_READ_KEYS,
  type StateAnswer,
  type StateReader,
} from '@tributary/contracts';
import type { Dispatcher } from 'undici';

/** A second goes out only where it is full: what comes while one is under way goes with the next, and costs little. */
const REQUESTS_AT_ONCE = 2;
/** Beyond, whoever asks is told at once that there is no answer. */
const MOST_WAITING = 2_000;

export interface LaneOptions {
  readonly reader: StateReader;
  /** Where the owner answers. */
  readonly address: string;
  readonly token: string;
  readonly dispatcher: Dispatcher;
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
    while (this.#underWay < (this.#waiting.length < STATE_READ_KEYS ? 1 : REQUESTS_AT_ONCE)) {
      const asked = this.#waiting.splice(0, STATE_READ_KEYS);
      if (asked.length === 0) return;
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
    const { reader, address, token, dispatcher, timeoutMs } = this.#options;
    const abort = new AbortController();
    const late = setTimeout(() => {
      abort.abort(new Error('the owner does not answer in time'));
    }, timeoutMs);
    try {
      const { statusCode, body } = await dispatcher.request({
        ...{ origin: address, path: stateReadPath(reader), method: 'POST', signal: abort.signal },
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ keys }),
      });
      if (statusCode !== 200 && statusCode !== 421) {
        await body.dump();
        throw new Error(`the owner answers ${statusCode}`);
      }
      const answers = readStateAnswers(await body.text());
      if (!answers.ok) throw new Error(answers.error);
      return answers.value;
    } finally {
      clearTimeout(late);
    }
  }
}
