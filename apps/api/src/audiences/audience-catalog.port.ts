import type { EventAggregate } from '@tributary/audiences';
import type { AudienceMessage } from '@tributary/contracts';
import type { Result } from '@tributary/kernel';
import type { ControlRecords, Stored } from '../control/control-records.port.js';

export const AUDIENCE_CATALOG = Symbol('AUDIENCE_CATALOG');

/** An audience in force, and the version of its definition. */
export type StoredAudience = Stored<AudienceMessage>;

/** The audiences of the workspace. */
export interface AudienceCatalog extends Omit<ControlRecords<AudienceMessage>, 'put'> {
  /**
   * Puts an audience in force. Once it resolves, every event that is accepted is counted in all of `leaves`, and
   * the catalog shows what was put. Nothing is certain after a failure: it may be in force later.
   */
  put(
    audience: AudienceMessage,
    leaves: readonly EventAggregate[],
  ): Promise<Result<StoredAudience, 'unavailable'>>;
}
