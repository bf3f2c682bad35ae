import { open } from 'node:fs/promises';

const TAIL_BYTES = 65_536;
const ERROR_LEVEL = 50;

/**
 * The last error that a service wrote to its log from byte `from` on, as one line: the error's message of a pino line,
 * else the last line that names an error, else the last line.
 */
export async function lastError(logFile: string, from: number): Promise<string> {
  const lines = (await tail(logFile, from)).trim().split('\n').reverse();
  for (const line of lines) {
    const message = errorIn(line);
    if (message !== undefined) return oneLine(message);
  }
  return oneLine(lines[0] ?? '') || 'it said nothing';
}

function errorIn(line: string): string | undefined {
  try {
    const { level, msg, err } = JSON.parse(line) as LogLine;
    return (level ?? 0) >= ERROR_LEVEL ? (err?.message ?? msg ?? line) : undefined;
  } catch {
    return /^\s*at /.test(line) || !line.includes('Error') ? undefined : line;
  }
}

const oneLine = (text: string) => text.replace(/\s*\n\s*/g, ' ').trim();

async function tail(logFile: string, from: number): Promise<string> {
  try {
    await using file = await open(logFile);
    const { size } = await file.stat();
    const start = Math.max(from, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(TAIL_BYTES), position: start });
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return '';
  }
}

interface LogLine {
  readonly level?: number;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}
