import type { Bench } from './bench.js';
import { pipeline } from './pipeline/pipeline.bench.js';
import { state } from './state/state.bench.js';

/** Every benchmark by its name, in the order in which they are run and shown. */
export const BENCHES: Readonly<Record<string, Bench>> = { pipeline, state };
