import { readAtRate } from './reader.js';
import type { ReadsAnswer, ReadsOptions } from './reads.js';

// A process of its own: what it does beside is not in what it measures.

async function take(options: ReadsOptions): Promise<ReadsAnswer> {
  try {
    return { reads: await readAtRate(options) };
  } catch (error) {
    return { failed: `${options.url} could not be read: ${String(error)}` };
  }
}

process.on('message', (options: ReadsOptions) => {
  void take(options).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => {
  process.exit(0);
});
// The terminal's Ctrl-C is our parent's affair: we end with it.
process.on('SIGINT', () => undefined);
