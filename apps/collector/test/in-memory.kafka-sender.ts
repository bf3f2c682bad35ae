import type { OutgoingRecord } from '@tributary/kafka';
import type { KafkaSender } from '../src/log/kafka-sender.port.js';

interface Send {
  readonly records: readonly OutgoingRecord[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Kafka in memory, one send after another; silent or away where it is made to be. Silent, it has written what it does not answer. */
export class InMemoryKafkaSender implements KafkaSender {
  readonly written: OutgoingRecord[] = [];
  sends = 0;
  #queue: Send[] = [];
  #underWay: Send | undefined;
  #weather: 'well' | 'silent' | 'away' = 'well';
  #refused: (record: OutgoingRecord) => boolean = () => false;

  become(weather: 'well' | 'silent' | 'away'): void {
    this.#weather = weather;
    if (weather === 'silent') return;
    const underWay = this.#underWay;
    this.#underWay = undefined;
    if (weather === 'well') underWay?.resolve();
    else underWay?.reject(new Error('kafka is away'));
    this.#next();
  }

  /** Which records it will never take. */
  refuse(refused: (record: OutgoingRecord) => boolean): void {
    this.#refused = refused;
  }

  send(records: readonly OutgoingRecord[]): Promise<void> {
    this.sends += 1;
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, resolve, reject });
      setImmediate(() => {
        this.#next();
      });
    });
  }

  withdraw(): void {
    const withdrawn = this.#queue;
    this.#queue = [];
    for (const { reject } of withdrawn) reject(new Error('withdrawn'));
  }

  #next(): void {
    if (this.#underWay) return;
    const send = this.#queue.shift();
    if (!send) return;
    if (this.#weather === 'away') send.reject(new Error('kafka is away'));
    else if (send.records.some(this.#refused)) {
      const cause = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
      send.reject(new Error('refused', { cause }));
    } else {
      this.written.push(...send.records);
      if (this.#weather === 'silent') {
        this.#underWay = send;
        return;
      }
      send.resolve();
    }
    this.#next();
  }
}
