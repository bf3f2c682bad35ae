import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { documents } from './documents.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const onlyCheck = process.argv.includes('--check');
let stale = 0;

for (const [path, content] of await documents(root, 'dist')) {
  const file = join(root, path);
  if ((await readFile(file, 'utf8').catch(() => '')) === content) continue;
  stale += 1;
  if (onlyCheck) {
    process.stderr.write(`${path} is not what the code says: run npm run docs\n`);
  } else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    process.stdout.write(`${path} written\n`);
  }
}

if (onlyCheck && stale > 0) process.exitCode = 1;
