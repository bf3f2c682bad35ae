// The libraries that `npm test` does not install: Python's, from its package index. Needs python3. Arguments are jest's.
import { spawnSync } from 'node:child_process';
import { giveUp } from './prepare.mjs';

if (spawnSync('python3', ['-m', 'venv', '--help'], { stdio: 'ignore' }).status !== 0) {
  giveUp('the test needs python3 with its module venv: install Python 3.9 or newer');
}
process.env.INSTALLED_LIBRARIES = 'true';
process.argv.splice(2, 0, '--testPathPatterns=tests/sdk/src/.*\\.installed', '--runInBand', '--verbose');
await import('./test.mjs');
