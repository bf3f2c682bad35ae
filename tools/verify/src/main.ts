import { readArguments } from './arguments.js';
import { checkPlatform } from './platform-check.js';
import { print } from './print.js';
import { verify } from './verify.js';
import { VerifyError } from './verify.errors.js';

try {
  const options = readArguments(process.argv.slice(2), process.env);
  if (typeof options === 'string') {
    console.log(options);
    process.exit(0);
  }
  await checkPlatform(options);
  const report = await verify({ ...options, say: console.log });
  console.log(print(report));
  process.exit(report.differenceCount === 0 ? 0 : 1);
} catch (error) {
  console.error(error instanceof VerifyError ? error.message : error);
  process.exit(1);
}
