import { expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../../tools/launch/sdk-test.mjs', import.meta.url));

it('names in one line what the command for installed libraries needs, where it is missing', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command], {
    env: { PATH: '/nowhere' },
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'npm run sdk-test needs Python 3.9 or newer with its module venv ("python3" on PATH): install what is missing\n',
  });
});
