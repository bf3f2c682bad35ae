/** A member's partitions, by topic. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

/** That partition of each topic that has it. */
export function placesIn(
  assignment: Assignment,
  partition: number,
): { readonly topic: string; readonly partitions: number[] }[] {
  return Object.entries(assignment)
    .filter(([, partitions]) => partitions.includes(partition))
    .map(([topic]) => ({ topic, partitions: [partition] }));
}

/** The name of a topic's partition. */
export function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** The partition that a place is. */
export function partitionOf(place: string): number {
  return Number(place.slice(place.lastIndexOf('/') + 1));
}
