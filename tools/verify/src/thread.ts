import { Worker } from 'node:worker_threads';

/** A thread keeps little for long; left to itself it would let its garbage grow to several times that. */
const YOUNG_MIB = 32;

/** Starts a thread with a program of `dist/`, from where it is found also when the specs run `src/`. */
export function startThread(program: string, order: object): Worker {
  return new Worker(new URL(`../dist/${program}`, import.meta.url), {
    workerData: order,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
}
