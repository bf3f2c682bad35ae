import { TOPICS, type SplitMessage } from '@tributary/contracts';
import type { Definition, DefinitionKind } from '@tributary/control';

/**
 * All pairs that were ever split, by `splitId`: a split is removed by a version that says so, and stays for ever. How many
 * name one identifier is bounded: so one change comes after the other.
 */
export const SPLITS: DefinitionKind<SplitMessage> = { name: 'split', topic: TOPICS.splits, serial: 'split' };

export type StoredSplit = Definition<SplitMessage>;
