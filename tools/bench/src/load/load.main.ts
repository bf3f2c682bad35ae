import type { LoadAnswer, LoadOptions } from './load.js';
import { sendLoad } from './sender.js';

// A process of its own, so that what sending costs is counted apart from what is measured.

async function take(options: LoadOptions): Promise<LoadAnswer> {
  try {
    return { sent: await sendLoad(options) };
  } catch (error) {
    const reason = error instanceof Error ? error.message || String(error.cause) : String(error);
    return { failed: `the load "${options.name}" could not be sent to ${options.url}: ${reason}` };
  }
}

process.on('message', (options: LoadOptions) => {
  void take(options).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => {
  process.exit(0);
});
// The terminal's Ctrl-C is our parent's affair: we end with it.
process.on('SIGINT', () => undefined);
