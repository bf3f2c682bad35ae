import { createInterface } from 'node:readline/promises';
import { readArguments } from './arguments.js';
import { config } from './config.js';
import { ConfigError } from './config.errors.js';

async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question(question)).trim());
  } finally {
    lines.close();
  }
}

try {
  const command = readArguments(process.argv.slice(2), process.env);
  if (typeof command === 'string') console.log(command);
  else
    process.exitCode = await config(command, {
      say: console.log,
      ask: process.stdin.isTTY ? ask : undefined,
      environment: process.env,
      // npm runs its scripts in the folder of the project.
      folder: process.env.INIT_CWD ?? process.cwd(),
    });
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
