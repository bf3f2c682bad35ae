import type { SplitMessage } from '@tributary/contracts';
import type { ControlRecords, Stored } from '../../control/control-records.port.js';

export const SPLIT_CATALOG = Symbol('SPLIT_CATALOG');

export type StoredSplit = Stored<SplitMessage>;

/** All pairs that were ever split, by `splitId`: a split is removed by a record that says so, and stays for ever. */
export type SplitCatalog = ControlRecords<SplitMessage>;
