// The libraries that `npm test` does not install, each from the registry of its language. Arguments are jest's.
import { spawnSync } from 'node:child_process';
import { giveUp } from './prepare.mjs';

const NEEDED = [['python3', ['-c', 'import venv, ensurepip'], 'Python 3.9 or newer with its module venv']];

const missing = NEEDED.filter(
  ([program, args]) => spawnSync(program, args, { stdio: 'ignore' }).status !== 0,
);
if (missing.length > 0) {
  const names = missing.map(([program, , what]) => `${what} ("${program}" on PATH)`);
  giveUp(`npm run sdk-test needs ${names.join(' and ')}: install what is missing`);
}
process.env.INSTALLED_LIBRARIES = 'true';
process.argv.splice(2, 0, '--testPathPatterns=tests/sdk/src/.*\\.installed', '--runInBand', '--verbose');
await import('./test.mjs');
