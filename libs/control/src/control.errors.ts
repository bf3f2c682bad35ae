/** The database cannot be reached, or broke off: nothing was changed, unless its answer alone was lost. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError';

  constructor(options: { readonly cause: unknown }) {
    const { cause } = options;
    super(`the database does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, options);
  }
}

/**
 * Codes of the system, and classes of SQLSTATE, that say so of the server and not of the statement; 42P01: the tables are
 * not there yet.
 */
const AWAY =
  /^(ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST\w+|08...|57P0.|53...|57014|55P03|25006|42P01)$/;
const AWAY_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Connection ended|Client was closed)/;

/** Whether an error of the driver says that the database is away. */
export function isAway(error: unknown): boolean {
  if (error instanceof DatabaseAwayError) return true;
  if (typeof error !== 'object' || error === null) return false;
  const { code, message, errors } = error as Readonly<Record<'code' | 'message' | 'errors', unknown>>;
  if (Array.isArray(errors) && errors.some(isAway)) return true;
  return (
    (typeof code === 'string' && AWAY.test(code)) ||
    (typeof message === 'string' && AWAY_MESSAGES.test(message))
  );
}

/** Whether a statement was refused by the unique constraint of this name. */
export function isTaken(error: unknown, constraint: string): boolean {
  const { code, constraint: violated } = error as { readonly code?: unknown; readonly constraint?: unknown };
  return code === '23505' && violated === constraint;
}
