import { HarnessError } from '@tributary/harness';

/** What was asked for cannot be done. */
export class ArgumentError extends HarnessError {}

/** The collector refused a call that is right. */
export class RefusedError extends HarnessError {
  constructor(status: number, text: string) {
    super(`the collector refused calls that are right: ${status} ${text}`);
  }
}

/** A request was sent again and again, and never answered. */
export class NotDeliveredError extends HarnessError {
  constructor(last: string) {
    super(`a request was not answered, however often it was sent; last: ${last}`);
  }
}
