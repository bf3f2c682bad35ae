import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { reasonIn } from './broker-output.js';
import { layout, LOG4J_PROPERTIES, serverProperties } from './broker.config.js';
import {
  DataDirDamagedError,
  DataDirError,
  JavaMissingError,
  KafkaStartError,
} from './embedded-kafka.errors.js';
import { signalProcess, startGuarded, type Exit, type GuardedProcess } from './guarded-process.js';
import { prepareKafka } from './jars.js';
import { endLeftover } from './leftover.js';
import { freePort } from './ports.js';
import { becomesReady } from './readiness.js';

const run = promisify(execFile);

/** A server that runs as a child of this process and ends with it. */
export interface EmbeddedServer {
  /** Of the server itself. */
  readonly pid: number;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<Exit>;
  /** Ends the server in good order, by force when that takes longer than 10 s; resolves when it is gone. */
  stop(): Promise<void>;
  /** Sends the server a signal. */
  kill(signal: NodeJS.Signals): void;
}

/** A running broker. */
export interface EmbeddedKafka extends EmbeddedServer {
  /** `host:port`, what clients take as bootstrap address. */
  readonly brokers: string;
}

export interface StartKafkaOptions {
  /** Folder of this broker's log, settings and output; made when absent. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** Takes a line for people when something takes its time. Default: nobody hears it. */
  readonly say?: ((line: string) => void) | undefined;
}

type Layout = ReturnType<typeof layout>;

const java = (): string =>
  process.env.JAVA_HOME === undefined ? 'java' : join(process.env.JAVA_HOME, 'bin', 'java');

async function writeSettings(dataDir: string, port: number): Promise<Layout> {
  try {
    await mkdir(dataDir, { recursive: true });
    const files = layout(await realpath(dataDir));
    await writeFile(files.log4j, LOG4J_PROPERTIES);
    const controllerPort = await freePort(0);
    await writeFile(files.properties, serverProperties({ logDir: files.log, port, controllerPort }));
    return files;
  } catch (cause) {
    throw new DataDirError(dataDir, { cause });
  }
}

/** Every broker that was ever ready has its offsets topic; what a format that was cut off leaves has not. */
async function holdsRecords(logDir: string): Promise<boolean> {
  const names = await readdir(logDir).catch(() => []);
  return names.some((name) => /-\d+$/.test(name) && name !== '__cluster_metadata-0');
}

async function format(files: Layout, classPath: string): Promise<void> {
  const formatted = await access(files.meta).then(
    () => true,
    () => false,
  );
  if (formatted) return;
  if (await holdsRecords(files.log)) throw new DataDirDamagedError(files.log);
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const jvm = [
    '-Xmx256m',
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${files.log4j}`,
    '-cp',
    classPath,
  ];
  const tool = [
    'kafka.tools.StorageTool',
    'format',
    '--ignore-formatted',
    '-t',
    clusterId,
    '-c',
    files.properties,
  ];
  try {
    await run(java(), [...jvm, ...tool]);
  } catch (cause) {
    const { code, stderr } = cause as { readonly code?: string | number; readonly stderr?: string };
    if (code === 'ENOENT' || stderr?.includes('UnsupportedClassVersionError') === true)
      throw new JavaMissingError(java(), { cause });
    throw new KafkaStartError(
      `its folder could not be formatted (${lastLine(stderr ?? '')})`,
      files.properties,
      {
        cause,
      },
    );
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

async function launch(files: Layout, classPath: string): Promise<GuardedProcess> {
  const jvm = [
    '-Xms128m',
    '-Xmx768m',
    '-XX:+UseG1GC',
    // The second compiler takes as long as all requests of the first minutes, and what it makes is hardly faster here.
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${files.log4j}`,
    '-cp',
    classPath,
  ];
  try {
    return await startGuarded({
      command: java(),
      args: [...jvm, 'kafka.Kafka', files.properties],
      pidFile: files.pid,
      outputFile: files.output,
    });
  } catch (cause) {
    throw new JavaMissingError(java(), { cause });
  }
}

async function whyNotReady(files: Layout, ended: boolean): Promise<string> {
  const reason = reasonIn(await readFile(files.output, 'utf8').catch(() => ''));
  return `it ${ended ? 'ended at once' : 'did not answer within a minute'} (${reason})`;
}

/**
 * Starts Apache Kafka 4.2.0, broker and controller in one Java process, on a folder that it makes, formats or recovers
 * as need be; resolves when topics can be made and groups joined. Topics are never made by themselves. The process ends
 * with this one, even when this one is killed.
 *
 * @throws EmbeddedKafkaError saying in one line what is missing or in the way
 */
export async function startKafka(o: StartKafkaOptions): Promise<EmbeddedKafka> {
  const classPath = join(await prepareKafka({ say: o.say }), '*');
  const previous = layout(await realpath(o.dataDir).catch(() => o.dataDir));
  await endLeftover({ dataDir: o.dataDir, pidFile: previous.pid, properties: previous.properties });
  const port = await freePort(o.port);
  const files = await writeSettings(o.dataDir, port);
  await format(files, classPath);
  await rm(files.output, { force: true });
  const broker = await launch(files, classPath);
  const life = { ended: false };
  void broker.exited.then(() => (life.ended = true));
  const stop = async (): Promise<void> => {
    broker.end();
    await broker.exited;
  };
  const brokers = `127.0.0.1:${port}`;
  if (!(await becomesReady(brokers, () => life.ended))) {
    const why = await whyNotReady(files, life.ended);
    await stop();
    throw new KafkaStartError(why, files.output);
  }
  return {
    pid: broker.pid,
    exited: broker.exited,
    brokers,
    stop,
    kill: (signal) => {
      signalProcess(broker.pid, signal);
    },
  };
}
