import type { StateFormat } from '@tributary/state';

/** The format of the resolver's states. */
export const IDENTITY_STATE_FORMAT: StateFormat = { version: 3, migrations: {} };
