import type { EventLeaf } from '@tributary/audiences';
import type { AudienceMessage } from '@tributary/contracts';
import type { Result } from '@tributary/kernel';

export const AUDIENCE_CATALOG = Symbol('AUDIENCE_CATALOG');

/** An audience in force, and the version of its definition. */
export interface StoredAudience {
  readonly audience: AudienceMessage;
  /** Grows with every change. */
  readonly version: number;
}

/** The audiences of the workspace. */
export interface AudienceCatalog {
  find(key: string): StoredAudience | undefined;
  /** In the order of their keys. */
  all(): readonly StoredAudience[];
  /**
   * Puts an audience in force. Once it resolves, every event that is accepted is counted in all of `leaves`, and
   * the catalog shows what was put. Nothing is certain after a failure: it may be in force later.
   */
  put(
    audience: AudienceMessage,
    leaves: readonly EventLeaf[],
  ): Promise<Result<StoredAudience, 'unavailable'>>;
  /** Once it resolves, the catalog shows it no more. */
  remove(key: string): Promise<Result<undefined, 'unavailable'>>;
}
