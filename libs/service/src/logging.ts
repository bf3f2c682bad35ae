import type { LoggerService } from '@nestjs/common';
import { Logger as NestLogger, PinoLogger } from 'nestjs-pino';
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** A logger of JSON lines on standard output: constant lower-case messages, everything that varies in fields. */
export function makeLogger(service: string, level: string): Logger {
  // What was logged is written, whatever ends the process next.
  const output = pino.destination({ fd: 1, sync: true });
  return pino({ level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime }, output);
}

/** What Nest itself has to say: its warnings and errors, and all of it where the service logs for debugging. */
export function nestLogger(logger: Logger): LoggerService {
  const level = logger.isLevelEnabled('warn') && !logger.isLevelEnabled('debug') ? 'warn' : logger.level;
  const params = { pinoHttp: { logger: logger.child({}, { level }) } };
  return new NestLogger(new PinoLogger(params), params);
}
