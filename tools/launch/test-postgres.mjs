// What keeps definitions, against PostgreSQL as Debian has it, of the newest version that is installed. Arguments are jest's.
import { readdir, access } from 'node:fs/promises';
import { join } from 'node:path';

const INSTALLED = '/usr/lib/postgresql';

const versions = (await readdir(INSTALLED).catch(() => [])).sort((a, b) => Number(b) - Number(a));
let bin;
for (const version of versions) {
  const folder = join(INSTALLED, version, 'bin');
  const isThere = await access(join(folder, 'initdb')).then(
    () => true,
    () => false,
  );
  if (isThere) bin ??= folder;
}
if (bin === undefined) {
  console.error(`There is no PostgreSQL in ${INSTALLED}: install it with \`apt-get install postgresql\``);
  process.exit(1);
}
console.log(`PostgreSQL of ${bin}`);
process.env.TEST_POSTGRES_BIN = bin;
if (process.argv.length === 2) process.argv.push('libs/control', 'apps/api');
await import('./test.mjs');
