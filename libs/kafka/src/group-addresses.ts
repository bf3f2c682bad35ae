import type { KafkaConnection } from './connection.js';
import { claimOf } from './assigner.js';
import { AssignerProtocol } from './kafkajs.js';

/**
 * Where the members of a group answer for their partitions, by partition: of a partition that nobody has, or whose owner
 * answers nobody, there is none. While the group is rebalanced it is nobody's.
 *
 * @throws KafkaUnreachableError where no broker can be connected to
 */
export async function groupAddresses(
  connection: KafkaConnection,
  groupId: string,
): Promise<ReadonlyMap<number, string>> {
  const { groups } = await connection.withAdmin((admin) => admin.describeGroups([groupId]));
  const addresses = new Map<number, string>();
  for (const member of groups[0]?.state === 'Stable' ? groups[0].members : []) {
    const { address } = claimOf(member);
    if (address === undefined) continue;
    const { assignment = {} } = AssignerProtocol.MemberAssignment.decode(member.memberAssignment) ?? {};
    for (const partition of Object.values(assignment).flat()) addresses.set(partition, address);
  }
  return addresses;
}
