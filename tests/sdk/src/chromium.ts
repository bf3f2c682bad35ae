import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { chromium, type Browser } from 'playwright-core';
import { packageFolder } from './packages.js';

// Nothing that a page does not ask for: no sandbox, for tests are run as root too; no service of the browser's own.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];
const unpack = promisify(brotliDecompress);

/** A browser without a window and with a profile of its own: that of `CHROMIUM_PATH`, or the one that npm brought. */
export async function launchChromium(): Promise<Browser> {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined && !existsSync(given)) {
    throw new Error(`there is no file at CHROMIUM_PATH=${given}: set it to a Chromium, or leave it out`);
  }
  if (given !== undefined) return chromium.launch({ executablePath: given, args: FLAGS });
  const folder = await unpacked();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: FLAGS,
    env: { PATH: process.env.PATH ?? '', LD_LIBRARY_PATH: join(folder, 'lib') },
  });
}

/** The browser of the package, and the libraries that it brings for machines without them; unpacked once. */
async function unpacked(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `npm has no Chromium for ${process.platform} on ${process.arch}: set CHROMIUM_PATH to one`,
    );
  }
  const from = packageFolder('@sparticuz/chromium');
  const { version } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as { version: string };
  const cache = join(dirname(packageFolder('@sparticuz')), '.cache');
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const half = await mkdtemp(join(cache, 'half-'));
  const [program, libraries] = await Promise.all(
    ['chromium.br', 'al2023.tar.br'].map(async (file) => unpack(await readFile(join(from, 'bin', file)))),
  );
  await writeFile(join(half, 'chromium'), program ?? '', { mode: 0o755 });
  execFileSync('tar', ['-x', '-C', half], { input: libraries ?? '' });
  // Another run may have been faster: then its folder stays.
  await rename(half, folder).catch(() => rm(half, { recursive: true }));
  return folder;
}
