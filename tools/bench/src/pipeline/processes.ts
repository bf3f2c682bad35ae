import type { Platform } from '@tributary/supervisor';
import { readFileSync } from 'node:fs';

/** What a process has used since it started. */
export interface Usage {
  readonly cpuMicroseconds: number;
  /** The most memory that it ever held. */
  readonly peakBytes: number;
}

// USER_HZ: what /proc counts in, 100 to the second on every Linux that Node.js runs on.
const TICK_MICROSECONDS = 10_000;
const UTIME = 11;
const STIME = 12;

/** The processes of a platform by name, and this one, which sends the load. */
export function processesOf(platform: Platform): ReadonlyMap<string, number> {
  const { kafka, clickhouse, services } = platform;
  const pids = Object.entries({ ...services, kafka, clickhouse }).flatMap(([name, { pid } = {}]) =>
    pid === undefined ? [] : [[name, pid] as const],
  );
  return new Map([...pids, ['load generator', process.pid]]);
}

/** Reads /proc, so on Linux only. */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[UTIME]) + Number(fields[STIME]);
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMicroseconds: ticks * TICK_MICROSECONDS, peakBytes: Number(peak) * 1_024 };
}
