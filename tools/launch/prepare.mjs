// Installs what is missing and builds, before anything of the project can run. Needs Node 20 and nothing else.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const stamp = join(root, 'node_modules/.tributary-installed');

/** The Node.js that the project runs on: a package of its own. */
export const node = join(root, 'node_modules/node/bin/node');

const NPM_POLL_MS = 250;
const PROGRESS_EVERY_MS = 2_000;

/** Ends the process with one line for a reader. */
export function giveUp(line) {
  console.error(line);
  process.exit(1);
}

/**
 * Says how far the installation is, every two seconds. npm prints nothing of it where no terminal is: what counts is how
 * many of the packages of the lock file are in their place.
 */
function showProgress(packages) {
  let shown = -1;
  const timer = setInterval(() => {
    const present = packages.filter((place) => existsSync(join(root, place, 'package.json'))).length;
    if (present !== shown) console.log(`  ${present} of ${packages.length} packages`);
    shown = present;
  }, PROGRESS_EVERY_MS);
  return () => clearInterval(timer);
}

/** Where the packages of the lock file go, without those that other platforms have. */
function placesOf(lock, parts) {
  return Object.entries(JSON.parse(lock).packages)
    .filter(
      ([place, one]) => place.startsWith('node_modules/') && !one.link && !(one.dev && parts === 'running'),
    )
    .filter(([, { optional, os, cpu }]) => {
      return (
        !optional ||
        ((os ?? [process.platform]).includes(process.platform) &&
          (cpu ?? [process.arch]).includes(process.arch))
      );
    })
    .map(([place]) => place);
}

// `npm ci` refuses a lock file without the optional packages of other platforms, which not every registry mirror has.
async function install(parts) {
  const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lock).digest('hex');
  const [installed, of] = (await readFile(stamp, 'utf8').catch(() => '')).split(' ');
  if (of === hash && (installed === 'all' || installed === parts)) return;
  // What tests need is not taken away again from whoever has it.
  const wanted = installed === 'all' ? 'all' : parts;
  console.log(`installing what ${wanted === 'running' ? 'running' : 'development'} needs (once) …`);
  let output = '';
  const omit = wanted === 'running' ? ['--omit=dev'] : [];
  const npm = spawn('npm', ['install', '--no-save', '--loglevel=error', ...omit], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (data) => (output += data));
  const endProgress = showProgress(placesOf(lock, wanted));
  const code = await new Promise((resolve) => npm.on('error', () => resolve(-1)).on('close', resolve));
  endProgress();
  if (code !== 0) giveUp(`npm install failed:\n${output}`);
  await writeFile(stamp, `${wanted} ${hash}`);
}

/** Ends the process where Node.js is too old for any of this. */
export function assertNode() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    giveUp(`Node.js ${process.versions.node} is too old: install version 20 or newer`);
  }
}

/**
 * Dependencies in place, every dist/ up to date. `parts` is `running`, what the platform, the demo and verify need, or
 * `all`, with the tools of development.
 */
export async function prepare(parts) {
  assertNode();
  await install(parts);
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
