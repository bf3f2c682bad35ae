import type { Assigner, GroupMember, PartitionAssigner } from 'kafkajs';
import { AssignerProtocol } from './kafkajs.js';

const NAME = 'tributary-co-partitioned-sticky';

/** What a member says of itself when it joins: the partitions it holds, and since which generation. */
export interface Claim {
  readonly owned: readonly number[];
  readonly generation: number;
  /** Where it answers for its partitions; absent where it answers nobody. */
  readonly address?: string | undefined;
}

/**
 * Partition p of every topic of the group goes to one member, and stays with the member that held it while the
 * members' loads differ by one at most.
 */
export function coPartitionedAssigner(held: () => Claim): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name: NAME,
    version: 1,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: 1,
        topics,
        userData: Buffer.from(JSON.stringify(held())),
      }),
    }),
    assign: ({ members, topics }) => {
      const counts = new Map(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length]),
      );
      const most = Math.max(0, ...counts.values());
      const assigned = distribute(
        most,
        members.map((m) => ({ memberId: m.memberId, ...claimOf(m) })),
      );
      return Promise.resolve(
        [...assigned].map(([memberId, partitions]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: 1,
            assignment: Object.fromEntries(
              [...counts].map(([topic, count]) => [topic, partitions.filter((p) => p < count)]),
            ),
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
  });
}

/** What a member said of itself. */
export function claimOf(member: Pick<GroupMember, 'memberMetadata'>): Claim {
  const userData = AssignerProtocol.MemberMetadata.decode(member.memberMetadata)?.userData;
  if (!userData || userData.length === 0) return { owned: [], generation: -1 };
  return JSON.parse(userData.toString('utf8')) as Claim;
}

/**
 * Shares partitions 0 … count − 1 among members: first what each held (of two claims the later generation's),
 * up to its fair share, then the rest to whoever has least. The result depends on nothing but the arguments.
 */
export function distribute(
  count: number,
  members: readonly ({ readonly memberId: string } & Claim)[],
): ReadonlyMap<string, readonly number[]> {
  const ordered = [...members].sort(
    (a, b) => b.generation - a.generation || (a.memberId < b.memberId ? -1 : 1),
  );
  const least = Math.floor(count / Math.max(1, members.length));
  let withOneMore = count - least * members.length;
  const taken = new Set<number>();
  const shares = new Map<string, number[]>();
  for (const { memberId, owned } of ordered) {
    const valid = [...new Set(owned)].filter((p) => p >= 0 && p < count && !taken.has(p));
    const more = valid.length > least && withOneMore > 0 ? 1 : 0;
    withOneMore -= more;
    const share = valid.slice(0, least + more);
    for (const p of share) taken.add(p);
    shares.set(memberId, share);
  }
  for (let p = 0; p < count; p += 1) {
    if (taken.has(p)) continue;
    const [, share] = [...shares].reduce((a, b) => (b[1].length < a[1].length ? b : a));
    share.push(p);
  }
  return new Map([...shares].map(([memberId, share]) => [memberId, share.sort((a, b) => a - b)]));
}
