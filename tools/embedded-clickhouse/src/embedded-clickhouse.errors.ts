/** Why the engine could not start; the message is one line for a reader. */
export abstract class EmbeddedClickHouseError extends Error {
  override readonly name = this.constructor.name;
}

/** Another process listens where the server should. */
export class PortInUseError extends EmbeddedClickHouseError {
  constructor(readonly port: number) {
    super(
      `Port ${port} on 127.0.0.1 is taken by another process: stop it or choose another port for ClickHouse`,
    );
  }
}

/** The data folder cannot be created or written. */
export class DataDirError extends EmbeddedClickHouseError {
  constructor(
    readonly dataDir: string,
    options: { readonly cause: unknown },
  ) {
    super(`ClickHouse cannot write to ${dataDir}: choose a folder this user may write to`, options);
  }
}

/** Another living server holds this data folder. */
export class DataDirInUseError extends EmbeddedClickHouseError {
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`${dataDir} is in use by another running ClickHouse (pid ${pid}): stop that one first`);
  }
}

/** The server process ended before it was ready. */
export class ClickHouseStartError extends EmbeddedClickHouseError {
  constructor(why: string, logFile: string) {
    super(`ClickHouse did not start: ${why}; see ${logFile}`);
  }
}
