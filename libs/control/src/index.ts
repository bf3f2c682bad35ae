export { DATABASE_SETTINGS, type DatabaseConfig } from './control.config.js';
export { DatabaseAwayError, isAway, isTaken } from './control.errors.js';
export { ControlPlane, type ControlPlaneOptions } from './control-plane.js';
export { Database, type Statements } from './database.js';
export {
  Definitions,
  type Change,
  type Changed,
  type Definition,
  type DefinitionVersion,
} from './definitions/definitions.js';
export { TakenError, type Taken } from './definitions/claims.js';
export type { Authorship } from './definitions/authorship.js';
export type { AnyKind, DefinitionKind } from './definitions/kind.js';
export { MASK, type DefinitionChange, type OnChange } from './definitions/on-change.js';
export { rotateSecrets } from './definitions/rotate-secrets.js';
export { lock } from './locks.js';
export { migrate, type Migration } from './migrations.js';
export { OPERATOR, type Principal } from './principal.js';
export type { ControlLogger } from './relay/relay.js';
export { Secrets, secretKeys, UnknownKeyError } from './secrets.js';
export type { ControlTables } from './tables.js';
