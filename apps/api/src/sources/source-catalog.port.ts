import type { SourceMessage } from '@tributary/contracts';
import type { ControlRecords, Stored } from '../control/control-records.port.js';

export const SOURCE_CATALOG = Symbol('SOURCE_CATALOG');

/** A source in force, and the version of its definition. */
export type StoredSource = Stored<SourceMessage>;

/** The sources of the workspace. */
export type SourceCatalog = ControlRecords<SourceMessage>;
