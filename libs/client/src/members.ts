import { EpochReader, type ChangeCause, type MembershipMessage } from '@tributary/contracts';
import { TopicFollower, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import { HandOver } from './hand-over.js';
import { handedOver } from './handed-over.js';

/**
 * First who is in, by profile id, and then each change as it comes. The set goes on being true: a change is in it when it
 * is handed over.
 */
export type MembersStep =
  | { readonly kind: 'members'; readonly members: ReadonlySet<string> }
  | {
      readonly kind: 'entered' | 'exited';
      readonly profileId: string;
      /** Since when, as RFC 3339. */
      readonly at: string;
      readonly cause: ChangeCause;
      /** The message that caused it, where one did. */
      readonly causedBy?: string;
      /** Of an exit by a merge: the profile that holds the person now. */
      readonly movedTo?: string;
      /** As `namespace:value`. */
      readonly identifiers: readonly string[];
    };

/** Which audience's members {@link followMembers} reads, and how it ends. */
export interface Membership {
  readonly topic: string;
  readonly workspaceId: string;
  readonly audienceKey: string;
  /** False: it ends behind the first step. */
  readonly follow: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Who is in an audience, and then who enters and leaves. It holds the ids of the members, and no more. */
export async function* followMembers(
  connection: KafkaConnection,
  { topic, workspaceId, audienceKey, follow, signal }: Membership,
): AsyncGenerator<MembersStep, void> {
  const reader = new EpochReader();
  const members = new Set<string>();
  const handOver = new HandOver<MembersStep>();
  /** Of the first step; what comes after it waits for it. */
  let first: Promise<boolean> | undefined;
  const take = async (record: LogRecord) => {
    const reading = reader.read(record);
    if (reading === 'void' || reading === 'partition' || !record.value) return;
    const membership = JSON.parse(record.value.toString('utf8')) as MembershipMessage;
    if (membership.workspaceId !== workspaceId || membership.audienceKey !== audienceKey) return;
    const { member, profileId } = membership;
    if (member === members.has(profileId)) return;
    await first;
    if (member) members.add(profileId);
    else members.delete(profileId);
    if (first) await handOver.give(stepOf(membership));
  };
  const onFatal = (error: unknown) => {
    handOver.fail(error);
  };
  const follower = new TopicFollower(connection, { name: topic }, take, { onFatal });
  const onCaughtUp = () => {
    first = handOver.give({ kind: 'members', members });
    if (!follow) handOver.end();
  };
  yield* handedOver(handOver, follower, { signal, onCaughtUp, onFatal });
}

function stepOf(membership: MembershipMessage): MembersStep {
  const { profileId, member, since, cause, causedBy, movedTo, identifiers } = membership;
  return {
    kind: member ? 'entered' : 'exited',
    ...{ profileId, at: since, cause, identifiers },
    ...(causedBy !== undefined && { causedBy }),
    ...(movedTo !== undefined && { movedTo }),
  };
}
