import {
  isEpochKey,
  isRepeat,
  messageOf,
  sequenceOf,
  TOPICS,
  type AudienceChangeMessage,
  type MembershipMessage,
} from '@tributary/contracts';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { PartitionContext, PartitionProcessor, Phases } from '@tributary/state';

/** The highest claim read of the partition's memberships, and the number of what its owner published last. */
export interface EpochState {
  readonly epoch: number;
  readonly sequence?: number;
}

const MEMBERSHIPS = TOPICS.memberships.name;
const EPOCH = '@epoch';

/**
 * Makes each membership's record a change. None are what carries a lower epoch than the last epoch record, which is a zombie's,
 * a repeat, and what a request brought that was sent again although its first attempt had been written.
 */
export class ChangesProcessor implements PartitionProcessor {
  constructor(private readonly context: PartitionContext<EpochState>) {}

  handle(batch: PartitionBatch): Phases {
    return [batch.records.flatMap((record) => this.#change(record))];
  }

  #change(record: LogRecord): readonly OutgoingRecord[] {
    if (isEpochKey(record.key)) {
      this.context.state.set(EPOCH, { epoch: record.offset }, MEMBERSHIPS, record.offset);
      return [];
    }
    if (!record.value || isRepeat(record)) return [];
    const membership = messageOf(record) as MembershipMessage;
    const { epoch, sequence: last = 0 } = this.context.state.get(EPOCH) ?? { epoch: 0 };
    if (membership.epoch < epoch) return [];
    const sequence = sequenceOf(record);
    if (sequence === undefined) return [toChangeRecord(membership, record)];
    if (sequence <= last) return [];
    this.context.state.set(EPOCH, { epoch, sequence }, MEMBERSHIPS, record.offset);
    return [toChangeRecord(membership, record)];
  }
}

function toChangeRecord(membership: MembershipMessage, record: LogRecord): OutgoingRecord {
  const { workspaceId, audienceKey, profileId, member, since, cause, causedBy, movedTo, identifiers } =
    membership;
  const message: AudienceChangeMessage = {
    workspaceId,
    id: `${record.partition}-${record.offset}`,
    audienceKey,
    profileId,
    change: member ? 'entered' : 'exited',
    at: since,
    cause,
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(movedTo === undefined ? {} : { movedTo }),
    version: record.offset,
    identifiers,
  };
  return {
    topic: TOPICS.changes.name,
    key: scopedKey(workspaceId, profileId),
    value: JSON.stringify(message),
    headers: { schema: 'audience-change@1' },
  };
}
