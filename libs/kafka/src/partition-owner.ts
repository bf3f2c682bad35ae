/** Commits to the group how far a partition's inputs are folded, for those who watch its lag. */
export type CommitOffsets = (offsets: ReadonlyMap<string, number>) => Promise<void>;

/**
 * Holds state for the partitions that the group gave it: partition p of every topic of the group at once.
 * Its checkpoints say where consumption starts, not the group's committed offsets.
 */
export interface PartitionOwner {
  /** Restores the partition; answers with the next offset to consume of each topic. */
  assigned(partition: number, commit: CommitOffsets): Promise<ReadonlyMap<string, number>>;
  /** Drains and lets go of the partition. */
  revoked(partition: number): Promise<void>;
}
