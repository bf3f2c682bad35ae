import { HarnessError } from '@tributary/harness';

/** A benchmark that cannot be run as it was asked for: one line for a reader. */
export class BenchError extends HarnessError {}
