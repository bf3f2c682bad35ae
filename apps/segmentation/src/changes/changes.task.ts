import {
  isClaim,
  messageOf,
  TOPICS,
  type AudienceChangeMessage,
  type MembershipMessage,
} from '@tributary/contracts';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { PartitionContext, PartitionTask, Phases } from '@tributary/state';
import { isRepeat } from '../memberships/mapping.js';

/** The highest claim read of the partition's memberships. */
export interface EpochState {
  readonly epoch: number;
}

const MEMBERSHIPS = TOPICS.memberships.name;
const EPOCH = '@epoch';

/** Makes each membership's record a change; what bears a lower epoch than the last claim is a zombie's, and a repeat is no change. */
export class ChangesTask implements PartitionTask {
  constructor(private readonly context: PartitionContext<EpochState>) {}

  handle(batch: PartitionBatch): Phases {
    return [batch.records.flatMap((record) => this.#change(record))];
  }

  #change(record: LogRecord): readonly OutgoingRecord[] {
    if (isClaim(record.key)) {
      this.context.state.set(EPOCH, { epoch: record.offset }, MEMBERSHIPS, record.offset);
      return [];
    }
    if (!record.value || isRepeat(record)) return [];
    const membership = messageOf(record) as MembershipMessage;
    const epoch = this.context.state.get(EPOCH)?.epoch ?? 0;
    return membership.epoch < epoch ? [] : [toChangeRecord(membership, record)];
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
