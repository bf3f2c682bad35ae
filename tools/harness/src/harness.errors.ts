/** What a tool cannot do, or what went wrong before it: one line for a reader. */
export class HarnessError extends Error {
  override readonly name: string = this.constructor.name;
}

/** A request was not answered as it should have been. */
export class AnswerError extends HarnessError {
  constructor(
    request: string,
    readonly status: number,
    /** The body of the answer. */
    readonly text: string,
  ) {
    super(`${request} was answered with ${status}: ${text}`);
  }
}
