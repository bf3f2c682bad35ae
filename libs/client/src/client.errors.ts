/** Changes were removed from the topic, by its retention, before this subscriber read them. */
export class ChangesLostError extends Error {
  constructor(
    readonly partition: number,
    /** The offset at which the reading was to go on. */
    readonly from: number,
    /** The first offset that is there. */
    readonly to: number,
    options: ErrorOptions,
  ) {
    super(
      `the changes of partition ${partition} from offset ${from} to ${to - 1} are gone, and were not read: ` +
        'take who is in the audience from members(), remove the places that were kept, and follow from now on',
      options,
    );
    this.name = 'ChangesLostError';
  }
}
