// Runs one command as the child of this process and sees to it that the command never outlives whoever holds the
// other end of this process's standard input: a parent that was killed cannot clean up, but its pipes do close.
//
//   node guard.mjs <signal> <pid file> <output file> <command> [argument…]
//
// The signal asks the command to end; SIGKILL follows after 10 s.
//
// Tells on standard output `started <pid>` and `exited <code> <signal>`, or `failed <error code>`.
import { spawn } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';

const GRACE_MS = 10_000;

const [signal, pidFile, outputFile, command, ...args] = process.argv.slice(2);
const output = openSync(outputFile, 'a');
const child = spawn(command, args, { stdio: ['ignore', output, output] });

let ending = false;
function end() {
  if (ending) return;
  ending = true;
  child.kill(signal);
  setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
}

// The reader may be gone: that is told by the standard input, not by a failed write.
process.stdout.on('error', () => undefined);
for (const asked of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(asked, end);
process.stdin.on('end', end);
process.stdin.on('error', end);
process.stdin.resume();

child.on('error', (error) => {
  process.stdout.write(`failed ${error.code}\n`, () => process.exit(1));
});
child.on('spawn', () => {
  writeFileSync(pidFile, `${child.pid} ${process.ppid}\n`);
  process.stdout.write(`started ${child.pid}\n`);
});
child.on('exit', (code, by) => {
  // Without a reader the write may never come back.
  setTimeout(() => process.exit(0), 1000);
  process.stdout.write(`exited ${code} ${by}\n`, () => process.exit(0));
});
