import type { MigrationSet } from '@tributary/clickhouse';
import { IDENTITY_LINKS, LINK_REFUSALS } from './links.sql.js';

/** The table of assignments has a set of its own, as others read through it. */
export const IDENTITY_SCHEMA: MigrationSet = {
  service: 'identity',
  migrations: [
    { name: '001_identity_links', sql: IDENTITY_LINKS },
    { name: '002_link_refusals', sql: LINK_REFUSALS },
  ],
};
