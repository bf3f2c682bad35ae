import { readFileSync } from 'node:fs';

/** What a process has used since it started, and what it holds. */
export interface Usage {
  /** Of user and system. */
  readonly cpuMicroseconds: number;
  /** Without the files that it has mapped: their pages are the system's cache, and given up when others need room. */
  readonly ownBytes: number;
  /** The most memory that it ever held, pages of mapped files among it. */
  readonly peakBytes: number;
}

/** Process ids by what people call the processes. */
export type Processes = ReadonlyMap<string, number>;

// USER_HZ: what /proc counts in, 100 to the second on every Linux that Node.js runs on.
const TICK_MICROSECONDS = 10_000;
const UTIME = 11;
const STIME = 12;

/** Reads /proc, so on Linux only. */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[UTIME]) + Number(fields[STIME]);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024;
  return {
    cpuMicroseconds: ticks * TICK_MICROSECONDS,
    ownBytes: bytes('RssAnon') + bytes('RssShmem'),
    peakBytes: bytes('VmHWM'),
  };
}

export function usages(processes: Processes): ReadonlyMap<string, Usage> {
  return new Map([...processes].map(([name, pid]) => [name, usageOf(pid)]));
}

/** The CPU time that each process used between two looks at it, in microseconds. */
export function cpuBetween(
  before: ReadonlyMap<string, Usage>,
  after: ReadonlyMap<string, Usage>,
): ReadonlyMap<string, number> {
  return new Map(
    [...after].map(([name, usage]) => [
      name,
      usage.cpuMicroseconds - (before.get(name)?.cpuMicroseconds ?? 0),
    ]),
  );
}
