import type { Consumer, EachBatchPayload } from 'kafkajs';
import { coPartitionedAssigner } from './assigner.js';
import {
  FETCH_BYTES,
  FETCH_WAIT_MS,
  HEARTBEAT_EVERY_MS,
  HEARTBEAT_LOOK_MS,
  PARTITION_FETCH_BYTES,
  REBALANCE_TIMEOUT_MS,
} from './client-settings.js';
import type { KafkaConnection } from './connection.js';

export interface GroupMemberOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  /** {@link PARTITION_FETCH_BYTES} unless given. */
  readonly partitionFetchBytes: number | undefined;
  /** What it says of itself when it joins. */
  readonly claim: Parameters<typeof coPartitionedAssigner>[0];
}

/** The client of a member of a group, as every group of the platform has it. */
export function groupMember(options: GroupMemberOptions): Consumer {
  const { connection, groupId, sessionTimeoutMs, partitionFetchBytes, claim } = options;
  const { tuning } = connection.options;
  return connection.client.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: tuning?.rebalanceTimeoutMs ?? REBALANCE_TIMEOUT_MS,
    heartbeatInterval: Math.min(HEARTBEAT_EVERY_MS, sessionTimeoutMs / 4),
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: partitionFetchBytes ?? PARTITION_FETCH_BYTES,
    maxBytes: tuning?.fetchBytes ?? FETCH_BYTES,
    allowAutoTopicCreation: false,
    partitionAssigners: [coPartitionedAssigner(claim)],
  });
}

/** Heartbeats while the work is under way. One that failed is thrown after the work: kafkajs joins again then. */
export async function withHeartbeats(payload: EachBatchPayload, work: () => Promise<void>): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  const timer = setInterval(() => {
    payload.heartbeat().catch((error: unknown) => {
      failure ??= { error };
    });
  }, HEARTBEAT_LOOK_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  if (failure) throw failure.error;
}
