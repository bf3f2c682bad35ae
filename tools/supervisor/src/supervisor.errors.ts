/** What keeps the platform from starting, in one line for a reader. */
export abstract class SupervisorError extends Error {
  override readonly name = this.constructor.name;
}

/** Another run holds the data folder. */
export class DataFolderInUseError extends SupervisorError {
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(
      `data folder ${dataDir} is in use by process ${pid}: stop it, or set TRIBUTARY_DATA to another folder`,
    );
  }
}

/** The data folder cannot be made or written. */
export class DataFolderError extends SupervisorError {
  constructor(
    readonly dataDir: string,
    options: ErrorOptions,
  ) {
    super(
      `data folder ${dataDir} cannot be written: set TRIBUTARY_DATA to a folder that this user may write`,
      options,
    );
  }
}

/** Somebody else listens where a service should. */
export class PortTakenError extends SupervisorError {
  constructor(
    readonly port: number,
    readonly setting: string,
  ) {
    super(
      `port ${port} is in use by another process: stop it, or set ${setting} to another port (0: any free one)`,
    );
  }
}

/** A port that is no port, or on which this user may not listen. */
export class PortError extends SupervisorError {}

/** A number of brokers that cannot be had. */
export class NodesError extends SupervisorError {}

/** A service ended before it was ready. */
export class ServiceStartError extends SupervisorError {
  constructor(
    readonly service: string,
    why: string,
    readonly logFile: string,
  ) {
    super(`${service} did not start: ${why} (its log: ${logFile})`);
  }
}
