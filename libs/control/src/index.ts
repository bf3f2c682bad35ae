export { DATABASE_SETTINGS, type DatabaseConfig } from './control.config.js';
export { DatabaseAwayError, isAway, isTaken } from './control.errors.js';
export { Database, type Statements } from './database.js';
export { migrate, type Migration } from './migrations.js';
export { OPERATOR, type Principal } from './principal.js';
