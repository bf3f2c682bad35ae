import { pino, type Logger } from 'pino';
import type { RunningService } from './running-service.js';

const DRAIN_MS = 20_000;
const READY_PAUSE_MS = 50;
const WAITING_EVERY_MS = 5_000;

/** How a service ends, in the numbers of sysexits.h, for what runs it: code and meaning. */
export const EXITS = {
  drained: [0, 'it was asked to end, by SIGTERM, SIGINT or the end of its parent, and has finished its work'],
  unexpected: [
    70,
    'something failed that nobody expected, and the last line of its log says what; a new start goes on from the last checkpoint',
  ],
  settings: [
    78,
    'its settings are wrong, and it has named them; a new start with the same ones is of no use',
  ],
} as const;

let processLogger: Logger = pino();

/** Names the logger that has the last word when this process ends. */
export function logProcessTo(logger: Logger): void {
  processLogger = logger;
}

/**
 * Ends the process at once, with the code of `EXITS.unexpected`, after a line that says why, with its causes: nothing is
 * committed after it. It becomes another program, which ends: an exit would first wait for the threads of the pool, and
 * one that writes a checkpoint waits for this thread meanwhile, and holds the lock of a store for ever. Where there is no
 * shell, it ends by SIGKILL.
 */
export function endProcess(reason: unknown): never {
  processLogger.fatal({ err: reason instanceof Error ? reason : new Error(String(reason)) }, 'process ends');
  try {
    process.execve?.('/bin/sh', ['sh', '-c', `exit ${EXITS.unexpected[0]}`], {});
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
  throw new Error('a process does not outlive its SIGKILL');
}

/** Errors that nobody handled end the process, before anything can be committed over them. */
export function endOnUnhandled(): void {
  process.on('unhandledRejection', endProcess);
  process.on('uncaughtException', endProcess);
}

/**
 * SIGTERM, SIGINT and the end of the parent process drain the service and end with 0; as {@link endProcess} does when that
 * failed or took longer than 20 seconds. A second signal changes nothing.
 */
export function closeOnSignals(service: RunningService): void {
  let closing = false;
  const close = (signal: string) => {
    if (closing) return;
    closing = true;
    service.logger.info({ signal }, 'service drains');
    setTimeout(() => {
      endProcess(new Error(`not drained within ${DRAIN_MS} ms after ${signal}`));
    }, DRAIN_MS).unref();
    service.close().then(() => {
      service.logger.info({ signal }, 'service ended');
      process.exit(EXITS.drained[0]);
    }, endProcess);
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
  process.on('disconnect', () => {
    close('disconnect');
  });
  // The parent may have ended before anybody listened; the event does not come again.
  if (process.send && !process.connected) close('disconnect');
}

/**
 * Tells the parent process, if there is one, `{type: 'ready', url}` as soon as every check for which a start waits passes, and before that,
 * every few seconds, `{type: 'waiting', reasons}`: what it waits for, a line each.
 */
export async function announceReady(service: RunningService): Promise<void> {
  let sayAt = performance.now() + WAITING_EVERY_MS;
  for (;;) {
    const reasons = Object.entries(await service.health.look('awaited')).flatMap(
      ([check, { status, message }]) => (status === 'down' ? [`${check}: ${String(message)}`] : []),
    );
    if (reasons.length === 0) break;
    if (performance.now() >= sayAt) {
      service.logger.warn({ reasons }, 'service is not ready yet');
      tellParent({ type: 'waiting', reasons });
      sayAt = performance.now() + WAITING_EVERY_MS;
    }
    await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
  }
  service.logger.info({ url: service.url }, 'service is ready');
  tellParent({ type: 'ready', url: service.url });
}

function tellParent(message: object): void {
  if (!process.connected) return;
  process.send?.(message, undefined, undefined, () => {
    // A parent that has just ended gets nothing; its end comes as `disconnect`.
  });
}
