// Loaded into a service before anything else (`node --import`): its wall clock is wrong by as many milliseconds as the
// file named after it in CRASH_TEST_CLOCKS says, and steps when that changes. The monotonic clock stays as it is.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setInterval } from 'node:timers';

const POLL_MS = 100;
const service = basename(dirname(dirname(process.argv[1])));
const file = join(process.env.CRASH_TEST_CLOCKS, service);

let offset = 0;
function look() {
  try {
    offset = Number(readFileSync(file, 'utf8'));
  } catch {
    offset = 0;
  }
}
look();
setInterval(look, POLL_MS).unref();

const now = Date.now.bind(Date);
Date.now = () => now() + offset;
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget),
  apply: () => new Date().toString(),
});
