import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { STATE_READ_PURPOSE, STATE_READERS, type StateAnswer, type StateReader } from '@tributary/contracts';
import { groupAddresses, KafkaConnection } from '@tributary/kafka';
import { partitionOf } from '@tributary/kernel';
import { CONFIG, METRICS, tokenFor } from '@tributary/service';
import { Counter, type Registry } from 'prom-client';
import { Agent } from 'undici';
import type { ApiConfig } from '../../api.config.js';
import { OwnerLane } from './owner-lane.js';
import { PartitionOwners } from './partition-owners.js';

/** An owner that has just lost a partition, and the one that has it now. */
const ATTEMPTS = 2;
/** Of an owner's answer to a hundred keys at most, which ends when it has grown large. */
const MAX_ANSWER_BYTES = 16 * 1_048_576;

/** What the owner of a key's partition answered, now. */
export type OwnersAnswer = Exclude<StateAnswer, { readonly state: 'misdirected' }>;

/** Asks the processors for what they hold of a key: the one process, of several, that owns its partition. */
@Injectable()
export class StateReads implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #dispatcher = new Agent({ connections: 8, maxResponseSize: MAX_ANSWER_BYTES });
  readonly #owners: Readonly<Record<StateReader, PartitionOwners>>;
  readonly #lanes = new Map<string, OwnerLane>();
  readonly #reads: Counter<'processor' | 'answer'>;

  constructor(
    connection: KafkaConnection,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(METRICS) metrics: Registry,
  ) {
    const ownersOf = (reader: StateReader) =>
      new PartitionOwners(() => groupAddresses(connection, STATE_READERS[reader].groupId));
    this.#owners = {
      profiles: ownersOf('profiles'),
      fragments: ownersOf('fragments'),
      accounts: ownersOf('accounts'),
    };
    this.#reads = new Counter({
      name: 'tributary_api_state_reads_total',
      help: 'Keys that processors were asked for; nobody: their owner does not answer, and the tables do',
      labelNames: ['processor', 'answer'],
      registers: [metrics],
    });
  }

  onApplicationBootstrap(): void {
    for (const owners of Object.values(this.#owners)) owners.ask();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  /** Undefined where nobody answers for the key now, as while its partition moves. `owner`: what decides the partition. */
  async read(reader: StateReader, key: string, owner = key): Promise<OwnersAnswer | undefined> {
    const answer = await this.#ask(reader, key, owner);
    this.#reads.inc({ processor: reader, answer: answer?.state ?? 'nobody' });
    return answer;
  }

  async #ask(reader: StateReader, key: string, owner: string): Promise<OwnersAnswer | undefined> {
    const partition = partitionOf(owner, this.config.KAFKA_PARTITIONS);
    const owners = this.#owners[reader];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const address = await owners.addressOf(partition);
      if (address === undefined) return undefined;
      const answer = await this.#lane(reader, address).ask(key);
      if (answer === 'away') owners.away(address);
      else if (answer.state === 'misdirected') owners.misdirected(partition, address);
      else return answer;
    }
    return undefined;
  }

  #lane(reader: StateReader, address: string): OwnerLane {
    const name = `${reader} ${address}`;
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane = new OwnerLane({
      ...{ reader, address, dispatcher: this.#dispatcher },
      token: tokenFor(STATE_READ_PURPOSE, this.config.TRIBUTARY_API_TOKEN),
      timeoutMs: this.config.API_STATE_READ_MS,
    });
    this.#lanes.set(name, lane);
    return lane;
  }
}
