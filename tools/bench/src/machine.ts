import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';

/** What figures were measured on, and how busy it was just before. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly java: string;
  readonly kernel: string;
  /** Over the last minute, five and fifteen. */
  readonly loadAverage: readonly number[];
}

const run = promisify(execFile);

export async function describeMachine(): Promise<Machine> {
  const [processor] = cpus();
  return {
    processor: processor?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.versions.node,
    java: await javaVersion(),
    kernel: `${type()} ${release()}`,
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
  };
}

/** One line for people. */
export function machineLine({
  processor,
  cores,
  memoryBytes,
  node,
  java,
  kernel,
  loadAverage,
}: Machine): string {
  const gib = (memoryBytes / 2 ** 30).toFixed(0);
  return (
    `${cores} × ${processor}, ${gib} GiB, ${kernel}, Node.js ${node}, Java ${java}; ` +
    `load average at start ${loadAverage.join(', ')}`
  );
}

/** Java prints its version in quotes on the error output. */
async function javaVersion(): Promise<string> {
  const { JAVA_HOME: home } = process.env;
  const { stderr } = await run(home === undefined ? 'java' : `${home}/bin/java`, ['-version']).catch(() => ({
    stderr: '',
  }));
  return /"(.+)"/.exec(stderr)?.[1] ?? 'unknown';
}
