/** Records that were to be folded are no longer in the log. Nothing resets by itself: somebody has to decide. */
export class LostRangeError extends Error {
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly from: number,
    readonly to: number,
  ) {
    super(
      `offsets ${from} to ${to - 1} of ${topic} partition ${partition} were needed and are gone from the log: ` +
        'restore the state from a backup, or start a new generation',
    );
    this.name = 'LostRangeError';
  }
}
