import { execFile } from 'node:child_process';
import { access, mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { reasonIn } from './broker-output.js';
import {
  layout,
  LOCALE,
  LOG4J_PROPERTIES,
  SCRAM_MECHANISMS,
  serverProperties,
  type BrokerPlace,
} from './broker.config.js';
import {
  DataDirDamagedError,
  DataDirError,
  DataDirNameError,
  JavaMissingError,
  KafkaStartError,
} from './embedded-kafka.errors.js';
import { signalProcess, startGuarded, type Exit, type GuardedProcess } from './guarded-process.js';
import { prepareKafka } from './jars.js';
import { endLeftover } from './leftover.js';

const run = promisify(execFile);

type Layout = ReturnType<typeof layout>;

const java = (): string =>
  process.env.JAVA_HOME === undefined ? 'java' : join(process.env.JAVA_HOME, 'bin', 'java');

async function writeSettings(dataDir: string, place: BrokerPlace): Promise<Layout> {
  if (resolve(dataDir).includes(',')) throw new DataDirNameError(dataDir);
  try {
    await mkdir(dataDir, { recursive: true });
    const files = layout(await realpath(dataDir));
    await writeFile(files.log4j, LOG4J_PROPERTIES);
    await writeFile(files.properties, serverProperties({ ...place, logDir: files.log }));
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

async function format(
  files: Layout,
  classPath: string,
  { clusterId, secured }: BrokerOptions,
): Promise<void> {
  const formatted = await access(files.meta).then(
    () => true,
    () => false,
  );
  if (formatted) return;
  if (await holdsRecords(files.log)) throw new DataDirDamagedError(files.log);
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
    ...(secured ? SCRAM_MECHANISMS : []).flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${secured?.username ?? ''},password=${secured?.password ?? ''}]`,
    ]),
  ];
  try {
    await run(java(), [...jvm, ...tool], { env: { ...process.env, ...LOCALE } });
  } catch (cause) {
    const { code, stderr } = cause as { readonly code?: string | number; readonly stderr?: string };
    if (code === 'ENOENT' || stderr?.includes('UnsupportedClassVersionError') === true)
      throw new JavaMissingError(java(), { cause });
    throw new KafkaStartError(
      `its folder could not be formatted (${reasonIn(stderr ?? '')})`,
      files.properties,
      { cause },
    );
  }
}

async function launch(files: Layout, classPath: string, heap: readonly string[]): Promise<GuardedProcess> {
  const jvm = [
    ...heap,
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

/** A broker's Java process, ready or not. */
export interface BrokerProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Whether it has ended. */
  readonly hasEnded: () => boolean;
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** What is wrong with a broker that did not become ready. */
  notReady(): Promise<KafkaStartError>;
}

export interface BrokerOptions extends BrokerPlace {
  readonly dataDir: string;
  /** Of the cluster, when the folder is new. */
  readonly clusterId: string;
  /** Options of the Java machine that bound its heap. */
  readonly heap: readonly string[];
  readonly say?: ((line: string) => void) | undefined;
}

/** Ends the broker that a killed run left on the folder, so that its port is free again. */
export async function clearFolder(dataDir: string): Promise<void> {
  const previous = layout(await realpath(dataDir).catch(() => dataDir));
  await endLeftover({ dataDir, pidFile: previous.pid, properties: previous.properties });
}

/**
 * Starts one broker on a folder that it makes, formats or recovers as need be; resolves when the process runs.
 *
 * @throws EmbeddedKafkaError
 */
export async function startBroker(o: BrokerOptions): Promise<BrokerProcess> {
  const classPath = join(await prepareKafka({ say: o.say }), '*');
  const files = await writeSettings(o.dataDir, o);
  await format(files, classPath, o);
  await rm(files.output, { force: true });
  const broker = await launch(files, classPath, o.heap);
  const life = { ended: false };
  void broker.exited.then(() => (life.ended = true));
  return {
    pid: broker.pid,
    exited: broker.exited,
    hasEnded: () => life.ended,
    stop: async () => {
      broker.end();
      await broker.exited;
    },
    kill: (signal) => {
      signalProcess(broker.pid, signal);
    },
    notReady: async () => {
      const reason = reasonIn(await readFile(files.output, 'utf8').catch(() => ''));
      const what = life.ended ? 'ended at once' : 'did not answer within three minutes';
      return new KafkaStartError(`it ${what} (${reason})`, files.output);
    },
  };
}
