import type { PublicTable } from '../public-table.js';

/** The tables of assignments that people query; `docs/tables.md` is generated from them. */
export const PUBLIC_TABLES: readonly PublicTable[] = [
  {
    name: 'current_assignments',
    kind: 'view',
    holds: 'Which profile an identifier belongs to. An identifier that was never with another is not in it.',
    columns: {
      workspace_id: 'the workspace',
      identifier: 'namespace:value',
      profile_id: 'the profile',
      latest_version: 'grows with each assignment',
    },
  },
];
