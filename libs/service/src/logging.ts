import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** A logger of JSON lines on standard output: constant lower-case messages, everything that varies in fields. */
export function makeLogger(service: string, level: string): Logger {
  // What was logged is written, whatever ends the process next.
  const output = pino.destination({ fd: 1, sync: true });
  return pino({ level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime }, output);
}

/** What Nest has to say, as log lines: its news are for debugging, its warnings and errors stay what they are. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(detail: unknown, ...rest: readonly unknown[]): void {
    this.logger.debug(fields(detail, rest), 'nest reports');
  }

  debug(detail: unknown, ...rest: readonly unknown[]): void {
    this.logger.debug(fields(detail, rest), 'nest reports');
  }

  verbose(detail: unknown, ...rest: readonly unknown[]): void {
    this.logger.trace(fields(detail, rest), 'nest reports');
  }

  warn(detail: unknown, ...rest: readonly unknown[]): void {
    this.logger.warn(fields(detail, rest), 'nest warns');
  }

  error(detail: unknown, ...rest: readonly unknown[]): void {
    this.logger.error(fields(detail, rest), 'nest failed');
  }

  fatal(detail: unknown, ...rest: readonly unknown[]): void {
    this.logger.fatal(fields(detail, rest), 'nest failed');
  }
}

function fields(detail: unknown, rest: readonly unknown[]): object {
  const context = rest.at(-1);
  const more = rest.slice(0, -1);
  return {
    ...(detail instanceof Error ? { err: detail } : { detail }),
    ...(context === undefined ? {} : { context }),
    ...(more.length > 0 ? { more } : {}),
  };
}
