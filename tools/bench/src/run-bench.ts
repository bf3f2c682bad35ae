import type { BenchArguments } from './arguments.js';
import { BenchError } from './bench.errors.js';
import type { Bench } from './bench.js';
import { describeMachine, machineLine } from './machine.js';
import { table } from './report.js';
import { writeResults } from './results.js';

/** How a benchmark is run. */
export interface RunOptions {
  readonly bounds: BenchArguments;
  readonly say: (line: string) => void;
  /** Gives it up, with its reason. */
  readonly signal: AbortSignal;
}

/** Runs a benchmark, shows what it measured and writes it down. Whatever comes of it, what it started is ended. */
export async function runBench(name: string, bench: Bench, options: RunOptions): Promise<void> {
  const { bounds, say } = options;
  const machine = await describeMachine();
  say(`${name} on ${machineLine(machine)}`);
  const outcome = await within(options, name, (stack) => bench.run({ bounds, say, stack }));
  say(`\n${table(outcome.measures)}\n`);
  say('figures are of this machine, as busy as it was; compare only what one machine measured');
  const command = ['npm run bench', ...commandLine(name)].join(' ');
  say(`written to ${await writeResults(outcome, { name, command, machine })}\n`);
}

/** Ends what the work put on the stack when it is over, fails, takes longer than it may or is given up. */
async function within<T>(
  { bounds, signal }: RunOptions,
  name: string,
  work: (stack: AsyncDisposableStack) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(bounds.minutes * 60_000);
  const stack = new AsyncDisposableStack();
  try {
    signal.throwIfAborted();
    const givenUp = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      late.addEventListener('abort', () => {
        const hint = 'ask for less, or for more time with --minutes';
        reject(new BenchError(`${name} was not over after ${bounds.minutes} minutes: ${hint}`));
      });
    });
    return await Promise.race([work(stack), givenUp]);
  } finally {
    await stack.disposeAsync();
  }
}

function commandLine(name: string): readonly string[] {
  const options = process.argv.slice(2).filter((arg) => arg !== name);
  return options.length === 0 ? [name] : [name, '--', ...options];
}
