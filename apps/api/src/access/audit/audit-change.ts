import type { OnChange, Statements } from '@tributary/control';
import type { AccessTables } from '../access.tables.js';
import { writeDown } from './audit-entry.js';

/** Writes down a change of a definition, in the transaction that makes it. */
export const auditChange: OnChange = async (statements, { workspace, id, before, after, ...change }) => {
  const action = after === undefined ? 'removed' : before === undefined ? 'created' : 'changed';
  const entry = { ...change, action, subject: id, before, after };
  // The same transaction, as one who knows of more tables sees it.
  await writeDown(statements as unknown as Statements<AccessTables>, workspace, entry);
};
