/** Why the broker's files could not be had or the broker could not start; the message is one line for a reader. */
export abstract class EmbeddedKafkaError extends Error {
  override readonly name = this.constructor.name;
}

/** There is no usable `java`: Kafka 4 needs version 17 or newer. */
export class JavaMissingError extends EmbeddedKafkaError {
  constructor(java: string, options?: ErrorOptions) {
    super(
      `Kafka needs Java 17 or newer, and "${java}" is not that: install a JRE and put it on PATH or set JAVA_HOME`,
      options,
    );
  }
}

/** There is no `mvn` to fetch the broker's jars with. */
export class MavenMissingError extends EmbeddedKafkaError {
  constructor(options?: ErrorOptions) {
    super('Kafka is fetched with Maven, and "mvn" is not on PATH: install Maven 3.6 or newer', options);
  }
}

/** Maven ran and did not bring the jars. */
export class DownloadError extends EmbeddedKafkaError {
  constructor(readonly lastLine: string) {
    super(`Maven could not fetch Kafka's jars: ${lastLine}`);
  }
}

/** What was fetched is not what checksums.sha256 lists. */
export class ChecksumError extends EmbeddedKafkaError {
  constructor(readonly jars: readonly string[]) {
    super(
      `Kafka's jars differ from checksums.sha256, so they are not used: ${jars.join(', ')}; clear them from Maven's repository and try again`,
    );
  }
}

/** Another process listens where the broker should. */
export class PortInUseError extends EmbeddedKafkaError {
  constructor(readonly port: number) {
    super(`Port ${port} on 127.0.0.1 is taken by another process: stop it or choose another port for Kafka`);
  }
}

/** The data folder cannot be created or written. */
export class DataDirError extends EmbeddedKafkaError {
  constructor(
    readonly dataDir: string,
    options: { readonly cause: unknown },
  ) {
    super(`Kafka cannot write to ${dataDir}: choose a folder this user may write to`, options);
  }
}

/** Kafka takes a comma for the end of one folder and the beginning of another. */
export class DataDirNameError extends EmbeddedKafkaError {
  constructor(readonly dataDir: string) {
    super(`Kafka cannot keep records in ${dataDir}: choose a folder without a comma in its path`);
  }
}

/** The data folder holds records and not the file that says which cluster's: a new one would not find them. */
export class DataDirDamagedError extends EmbeddedKafkaError {
  constructor(readonly logDir: string) {
    super(
      `${logDir} holds the records of a Kafka and no meta.properties: restore that file, or move the folder away to begin anew`,
    );
  }
}

/** Another living supervisor runs a broker on this data folder. */
export class DataDirInUseError extends EmbeddedKafkaError {
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`${dataDir} is in use by the Kafka of another running process (pid ${pid}): stop that one first`);
  }
}

/** The folder holds the records of another number of brokers: a new cluster would not find them. */
export class NodeCountError extends EmbeddedKafkaError {
  constructor(
    readonly dataDir: string,
    readonly held: number,
    readonly wanted: number,
  ) {
    super(
      `${dataDir} holds the records of a Kafka of ${held} and this one would have ${wanted}: set KAFKA_NODES=${held}, or choose another folder`,
    );
  }
}

/** The broker ended, or did not answer in time, before it was ready. */
export class KafkaStartError extends EmbeddedKafkaError {
  constructor(why: string, logFile: string, options?: ErrorOptions) {
    super(`Kafka did not start: ${why}; see ${logFile}`, options);
  }
}
