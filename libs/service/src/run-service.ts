import cluster from 'node:cluster';
import 'reflect-metadata';
import type { TObject } from 'typebox';
import { makeLogger } from './logging.js';
import { announceReady, closeOnSignals, endOnUnhandled, endProcess, EXITS, logProcessTo } from './process.js';
import { startService, type ServiceOptions } from './service.js';
import { readSettings } from './settings.js';
import { runWorkers } from './workers.js';

/**
 * Runs a service as this process: checks the settings, starts it, reports to the parent process when it is ready, drains
 * it on SIGTERM, SIGINT or the parent's end. Wrong settings are named all at once; `--validate` only checks them. How it
 * ends: {@link EXITS}.
 */
export async function runService<S extends TObject>(options: ServiceOptions<S>): Promise<void> {
  const settings = readSettings(options.settings, process.env);
  if (!settings.ok) {
    for (const line of settings.error) process.stderr.write(`${options.name}: ${line}\n`);
    process.exit(EXITS.settings[0]);
  }
  if (process.argv.includes('--validate')) {
    process.stdout.write(`${options.name}: the settings are valid\n`);
    process.exit(0);
  }
  const logger = makeLogger(options.name, settings.value.LOG_LEVEL);
  logProcessTo(logger);
  endOnUnhandled();
  const workers = options.listen.workers?.(settings.value) ?? 1;
  if (workers > 1 && cluster.isPrimary) {
    await runWorkers(workers, logger);
    return;
  }
  try {
    const service = await startService(options, settings.value);
    closeOnSignals(service);
    await announceReady(service);
  } catch (error) {
    endProcess(error);
  }
}
