/** A segment that another version of the collector wrote. */
export class SpoolFormatError extends Error {
  constructor(
    readonly file: string,
    readonly found: number,
    readonly known: number,
  ) {
    super(
      `${file} is of format ${found}, and this version knows ${known}: start the version that wrote it until its ` +
        'spool is empty, or move the file away',
    );
    this.name = 'SpoolFormatError';
  }
}

/** The folder of the spool cannot be made or held. */
export class SpoolFolderError extends Error {
  constructor(
    readonly folder: string,
    options: ErrorOptions,
  ) {
    super(
      `the spool ${folder} cannot be written: set TRIBUTARY_DATA to a folder that this user may write`,
      options,
    );
    this.name = 'SpoolFolderError';
  }
}
