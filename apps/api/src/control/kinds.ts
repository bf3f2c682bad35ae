import type { AnyKind } from '@tributary/control';
import { AUDIENCES } from '../audiences/audience.kind.js';
import { RULES } from '../identity/rules/rules.kind.js';
import { SPLITS } from '../identity/splits/split.kind.js';
import { SOURCES } from '../sources/source.kind.js';

/** Every kind of definitions. */
export const KINDS: readonly AnyKind[] = [SOURCES, AUDIENCES, RULES, SPLITS];
