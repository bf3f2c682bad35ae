import { Injectable } from '@nestjs/common';
import { aggregatesOf, readDefinition, type EventAggregate } from '@tributary/audiences';
import { TOPICS, type Activation, type AudienceMessage } from '@tributary/contracts';
import type { OutgoingRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import { ControlLog } from '../control/control-log.js';
import { KafkaControlRecords, type Stored } from '../control/kafka.control-records.js';

/** An audience in force, and the version of its definition. */
export type StoredAudience = Stored<AudienceMessage>;

/** The audiences as `control.audiences.v1` has them. */
@Injectable()
export class KafkaAudienceCatalog extends KafkaControlRecords<AudienceMessage> {
  /** Hashes of aggregates that are in every partition of the event log: those of every audience that ever was are. */
  readonly #activated = new Set<string>();

  constructor(log: ControlLog) {
    super(log, TOPICS.audiences);
  }

  override async onModuleInit(): Promise<void> {
    await this.log.create([TOPICS.events]);
    await super.onModuleInit();
  }

  /**
   * Puts an audience in force. Once it resolves, every event that is accepted is counted in all of `aggregates`, and the
   * catalog shows what was put. Nothing is certain after a failure: it may be in force later.
   *
   * 1. The aggregates, in every partition of the event log, acknowledged. 2. The definition. 3. Its reading back.
   * A crash after 1 leaves aggregates that no audience uses; after 2, an audience in force whose PUT had no answer:
   * the caller puts it again.
   */
  async activate(audience: AudienceMessage, aggregates: readonly EventAggregate[]) {
    const unknown = aggregates.filter(({ hash }) => !this.#activated.has(hash));
    const activations = activationsOf(audience.workspaceId, unknown, this.log.config.KAFKA_PARTITIONS);
    const sent = await this.send(activations);
    if (!sent.ok) return sent;
    for (const { hash } of unknown) this.#activated.add(hash);
    return this.put(audience.key, audience);
  }

  protected override check(audience: AudienceMessage): Result<unknown, string> {
    const definition = readDefinition(audience.definition);
    if (!definition.ok) return failed(definition.error.message);
    for (const { hash } of aggregatesOf(definition.value)) this.#activated.add(hash);
    return ok(undefined);
  }
}

/** A control record of each aggregate in every partition of the event log: from there on, the aggregate is folded. */
function activationsOf(
  workspaceId: string,
  aggregates: readonly EventAggregate[],
  partitions: number,
): readonly OutgoingRecord[] {
  return aggregates.flatMap((aggregate) => {
    const activation: Activation = { workspaceId, aggregate: aggregate.hash, definition: { ...aggregate } };
    const value = JSON.stringify(activation);
    return Array.from({ length: partitions }, (_, partition) => ({
      topic: TOPICS.events.name,
      key: `@aggregate/${aggregate.hash}`,
      partition,
      value,
      headers: { schema: 'activation@1' },
    }));
  });
}
