/** Whether one of the identifiers of a call is suppressed. */
export type IsSuppressed = (identifiers: readonly string[]) => boolean;

/** Of whom no event is taken. */
export interface Suppressions {
  /** Undefined where nobody is suppressed at all: then nothing has to be asked. */
  of(workspaceId: string): IsSuppressed | undefined;
}

export const SUPPRESSIONS = Symbol('SUPPRESSIONS');

/** For what is tested without them. */
export const NOBODY_SUPPRESSED: Suppressions = { of: () => undefined };
