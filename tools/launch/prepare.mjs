// Installs what is missing and builds, before anything of the project can run. Needs Node 20 and nothing else.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const stamp = join(root, 'node_modules/.tributary-installed');

/** The Node.js that the project runs on: a package of its own. */
export const node = join(root, 'node_modules/node/bin/node');

const NPM_POLL_MS = 250;

/** Ends the process with one line for a reader. */
export function giveUp(line) {
  console.error(line);
  process.exit(1);
}

// `npm ci` refuses a lock file without the optional packages of other platforms, which not every registry mirror has.
async function install() {
  const lock = createHash('sha256')
    .update(await readFile(join(root, 'package-lock.json')))
    .digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === lock) return;
  console.log('installing dependencies (once; a minute or two) …');
  let output = '';
  const npm = spawn('npm', ['install', '--no-save', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (data) => (output += data));
  const code = await new Promise((resolve) => npm.on('error', () => resolve(-1)).on('close', resolve));
  if (code !== 0) giveUp(`npm install failed:\n${output}`);
  await writeFile(stamp, lock);
}

/** Dependencies in place, every dist/ up to date. */
export async function prepare() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    giveUp(`Node.js ${process.versions.node} is too old: install version 20 or newer`);
  }
  await install();
  const { build } = await import('./build.mjs');
  await build();
}

/**
 * Runs a program on the project's Node.js in the foreground, and ends with its code. Ctrl-C reaches it from the
 * terminal; a SIGTERM is passed on, and so is the end of npm; when this process is killed, its channel closes and it
 * ends too.
 */
export async function run(args, env = {}) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  process.on('SIGINT', () => child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  endWithNpm(() => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.on('error', (error) => giveUp(`${node} cannot be run: ${error.message}`));
    child.on('exit', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

// A signal ends npm and the shell between it and us, and does not reach us.
function endWithNpm(end) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    end();
  }, NPM_POLL_MS);
  watch.unref();
}
