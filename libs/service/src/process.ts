import { pino, type Logger } from 'pino';
import type { RunningService } from './running-service.js';

const DRAIN_MS = 20_000;
const READY_PAUSE_MS = 50;
const WAITING_EVERY_MS = 5_000;

let processLogger: Logger = pino();

/** Names the logger that has the last word when this process ends. */
export function logProcessTo(logger: Logger): void {
  processLogger = logger;
}

/**
 * Ends the process at once, by SIGKILL, after a line that says why, with its causes. For what was not expected: nothing
 * is committed after it, and a restart goes on from the last checkpoint. An exit would first wait for the threads of
 * the pool: one that writes a checkpoint waits for this thread meanwhile, and holds the lock of a store for ever.
 */
export function endProcess(reason: unknown): never {
  processLogger.fatal({ err: reason instanceof Error ? reason : new Error(String(reason)) }, 'process ends');
  process.kill(process.pid, 'SIGKILL');
  throw new Error('a process does not outlive its SIGKILL');
}

/** Errors that nobody handled end the process, before anything can be committed over them. */
export function endOnUnhandled(): void {
  process.on('unhandledRejection', endProcess);
  process.on('uncaughtException', endProcess);
}

/**
 * SIGTERM, SIGINT and the end of the parent process drain the service and end with 0; by {@link endProcess} when that
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
      process.exit(0);
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
    const { failing } = await service.health.look('awaited');
    if (failing.length === 0) break;
    if (performance.now() >= sayAt) {
      service.logger.warn({ failing }, 'service is not ready yet');
      const reasons = failing.map(({ check, reason }) =>
        reason === undefined ? check : `${check}: ${reason}`,
      );
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
