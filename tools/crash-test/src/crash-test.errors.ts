/** Why a run ended before its checks; one line for a reader. */
export abstract class CrashTestError extends Error {
  override readonly name = this.constructor.name;
}

/** What was asked for cannot be done. */
export class ArgumentError extends CrashTestError {}

/** The collector refused a call that is right. */
export class RefusedError extends CrashTestError {
  constructor(readonly answer: { readonly status: number; readonly text: string }) {
    super(`the collector refused calls that are right: ${answer.status} ${answer.text}`);
  }
}

/** A request was sent again and again, and never answered. */
export class NotDeliveredError extends CrashTestError {
  constructor(last: string) {
    super(`a request was not answered, however often it was sent; last: ${last}`);
  }
}

/** Probes that were sent after a fault had ended did not come through. */
export class NotRecoveredError extends CrashTestError {
  constructor(
    readonly missing: readonly string[],
    withinMs: number,
    where: string,
  ) {
    super(
      `${missing.length} probes were not in ${where} after ${withinMs} ms, such as ${missing.slice(0, 3).join(', ')}`,
    );
  }
}

/** The pipeline did not come to rest after the load had ended. */
export class NotSettledError extends CrashTestError {
  constructor(what: string, withinMs: number) {
    super(`the pipeline did not come to rest within ${withinMs} ms: ${what}`);
  }
}

/** A broker that came back did not catch up. */
export class NotInSyncError extends CrashTestError {
  constructor(behind: readonly string[], withinMs: number) {
    super(
      `${behind.length} partitions lack replicas after ${withinMs} ms, such as ${behind.slice(0, 3).join(', ')}`,
    );
  }
}
