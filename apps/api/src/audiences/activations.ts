import type { EventAggregate } from '@tributary/audiences';
import { TOPICS, type Activation } from '@tributary/contracts';
import type { OutgoingRecord } from '@tributary/kafka';

/** A control record of each aggregate in every partition of the event log: from there on, the aggregate is folded. */
export function activationsOf(
  workspaceId: string,
  leaves: readonly EventAggregate[],
  partitions: number,
): readonly OutgoingRecord[] {
  return leaves.flatMap((aggregate) => {
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
