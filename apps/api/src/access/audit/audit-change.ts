import type { OnChange } from '@tributary/control';
import { writeDown } from './audit-entry.js';

/** Writes down a change of a definition, in the transaction that makes it. */
export const auditChange: OnChange = async (statements, { workspace, id, before, after, ...change }) => {
  const action = after === undefined ? 'removed' : before === undefined ? 'created' : 'changed';
  await writeDown(statements, workspace, { ...change, action, subject: id, before, after });
};
