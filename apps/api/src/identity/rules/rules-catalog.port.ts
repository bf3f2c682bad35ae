import type { IdentityRulesMessage } from '@tributary/contracts';
import type { ControlRecords } from '../../control/control-records.port.js';

export const RULES_CATALOG = Symbol('RULES_CATALOG');

/** The rules of the workspace: one record, of the id `rules`, or none. */
export type RulesCatalog = ControlRecords<IdentityRulesMessage>;
