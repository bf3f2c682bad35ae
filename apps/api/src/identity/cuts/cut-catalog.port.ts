import type { CutMessage } from '@tributary/contracts';
import type { ControlRecords, Stored } from '../../control/control-records.port.js';

export const CUT_CATALOG = Symbol('CUT_CATALOG');

export type StoredCut = Stored<CutMessage>;

/** All pairs that were ever cut, by `cutId`: a cut is lifted by a record that says so, and stays for ever. */
export type CutCatalog = ControlRecords<CutMessage>;
