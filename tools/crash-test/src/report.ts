import type { LedgerReport } from './ledger.js';
import type { Ended } from './attempt.js';
import type { Fault } from './schedule.js';
import type { VerifyReport } from '@tributary/verify';

/** A fault that happened, and how long the platform took to recover from when its mending began. */
export interface FaultReport extends Fault {
  /** When it began, in milliseconds since the load began. */
  readonly beganAt: number;
  readonly recoveryMs: number;
}

/** A run, from its seed to what was wrong at the end. */
export interface CrashReport extends Ended {
  readonly seed: number;
  readonly minutes: number;
  readonly brokers: number;
  readonly faults: readonly FaultReport[];
  /** Ends of services that no fault asked for, a line each. */
  readonly endsUnasked: readonly string[];
  readonly ledger?: LedgerReport;
  readonly verify?: VerifyReport;
}

const SHOWN = 20;

/** One line about a fault, for people. */
export function faultLine({ beganAt, kind, target, forMs }: Omit<FaultReport, 'recoveryMs'>): string {
  return `${seconds(beganAt).padStart(8)}  ${kind} ${target} for ${seconds(forMs)}`;
}

export const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** The table at the end of a run. */
export function summary(report: CrashReport): string {
  return [
    '',
    ...faultTable(report.faults),
    '',
    ...ledgerTable(report.ledger),
    ...verifyTable(report.verify),
    ...(report.endsUnasked.length > 0 ? [`ends that no fault asked for: ${report.endsUnasked.length}`] : []),
    ...failure(report),
  ].join('\n');
}

function faultTable(faults: readonly FaultReport[]): readonly string[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  const rows = kinds.map((kind) => {
    const times = faults.filter((fault) => fault.kind === kind).map(({ recoveryMs }) => recoveryMs);
    return [kind, String(times.length), seconds(Math.max(...times))] as const;
  });
  return [['fault', 'count', 'slowest recovery'] as const, ...rows].map(
    ([kind, count, slowest]) => `${kind.padEnd(20)}${count.padStart(6)}${slowest.padStart(20)}`,
  );
}

/** One line about a ledger, for people. */
export function ledgerLine({ sent, answered, lost, neverSent, duplicates }: LedgerReport): string {
  return (
    `ledger: ${sent} sent, ${answered} answered 200, ${lost.length} lost, ` +
    `${neverSent.length} never sent, ${duplicates} duplicates in the log`
  );
}

function ledgerTable(ledger: LedgerReport | undefined): readonly string[] {
  return [ledger ? ledgerLine(ledger) : 'ledger: not reached'];
}

function verifyTable(verify: VerifyReport | undefined): readonly string[] {
  if (!verify) return ['verify: not reached'];
  const compared = Object.entries(verify.compared).map(([what, count]) => `${count} ${what}`);
  return [`verify: compared ${compared.join(', ')}; ${verify.differenceCount} differences`];
}

function failure({ wrong, seed, minutes, brokers, faults, keptIn }: CrashReport): readonly string[] {
  if (wrong.length === 0) return ['passed'];
  return [
    '',
    `FAILED with seed ${seed} (--minutes ${minutes} --seed ${seed} --brokers ${brokers})`,
    ...wrong.slice(0, SHOWN).map((line) => `  ${line}`),
    ...(wrong.length > SHOWN ? [`  and ${wrong.length - SHOWN} more`] : []),
    'the faults so far:',
    ...faults.map((fault) => `  ${faultLine(fault)}, recovered in ${seconds(fault.recoveryMs)}`),
    ...(keptIn === undefined ? [] : [`data and logs are kept in ${keptIn}`]),
  ];
}
