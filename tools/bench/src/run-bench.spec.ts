import { describe, expect, it } from '@jest/globals';
import type { Bench } from './bench.js';
import { runBench } from './run-bench.js';

const FOREVER = new Promise<never>(() => undefined);

/** Runs it, and answers with what was undone, in order, and how it failed. */
async function failing(
  run: Bench['run'],
  { minutes = 1, signal = new AbortController().signal }: { minutes?: number; signal?: AbortSignal } = {},
) {
  const undone: string[] = [];
  const bench: Bench = {
    about: '',
    run: (context) => {
      context.stack.defer(() => void undone.push('platform'));
      context.stack.defer(() => void undone.push('load'));
      return run(context);
    },
  };
  const bounds = { writeDocs: false, minutes };
  const error: unknown = await runBench('fixture', bench, { bounds, say: () => undefined, signal }).catch(
    (reason: unknown) => reason,
  );
  return { undone, message: error instanceof Error ? error.message : undefined };
}

describe('runBench', () => {
  it('ends what was started, the last first, when a benchmark fails', async () => {
    expect(await failing(() => Promise.reject(new Error('broken')))).toEqual({
      undone: ['load', 'platform'],
      message: 'broken',
    });
  });

  it('ends what was started when a benchmark takes longer than it may', async () => {
    expect(await failing(() => FOREVER, { minutes: 0.001 })).toEqual({
      undone: ['load', 'platform'],
      message: 'fixture was not over after 0.001 minutes: ask for less, or for more time with --minutes',
    });
  });

  it('ends what was started when it is interrupted', async () => {
    const interruption = new AbortController();
    const run = () => {
      interruption.abort(new Error('interrupted'));
      return FOREVER;
    };
    expect(await failing(run, { signal: interruption.signal })).toEqual({
      undone: ['load', 'platform'],
      message: 'interrupted',
    });
  });
});
