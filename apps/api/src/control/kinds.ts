import type { AnyKind } from '@tributary/control';
import { AUDIENCES } from '../audiences/audience.kind.js';
import { RULES } from '../identity/rules/rules.kind.js';
import { SPLITS } from '../identity/splits/split.kind.js';
import { SUPPRESSIONS } from '../privacy/suppression.kind.js';
import { SOURCES } from '../sources/source.kind.js';
import { TRAIT_RULES } from '../trait-rules/trait-rule.kind.js';
import { SCORE_BORDERS, TRAITS } from '../traits/trait.kind.js';
import { WORKSPACES } from '../workspaces/workspace.kind.js';

/** Every kind of definitions. */
export const KINDS: readonly AnyKind[] = [
  WORKSPACES,
  SOURCES,
  AUDIENCES,
  TRAITS,
  TRAIT_RULES,
  SCORE_BORDERS,
  RULES,
  SPLITS,
  SUPPRESSIONS,
];
