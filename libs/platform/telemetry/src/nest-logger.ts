/** Lets the framework log through ours: same form, same redaction, and its start-up chatter at debug. */
import type { LoggerService } from '@nestjs/common';
import type { Logger, Severity } from './logger.ts';

/** What fails while an application is made also rejects to its maker, who says it once. */
const SAID_ELSEWHERE = 'ExceptionHandler';

export class NestLogger implements LoggerService {
  private readonly logger: Logger;

  constructor(logger: Logger) {
    this.logger = logger.child('nest');
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest passes the context last and, for errors, the stack before it. */
  private write(level: Severity, message: unknown, rest: readonly unknown[]): void {
    const texts = rest.filter((part): part is string => typeof part === 'string');
    const context = texts.at(-1);
    if (context === SAID_ELSEWHERE) return;
    const err = message instanceof Error ? message : rest.find((part) => part instanceof Error);
    const stack = texts.find((part) => part.includes('\n    at '));
    this.logger[level](
      { ...(context && context !== stack && { context }), ...(err ? { err } : {}), ...(stack && { stack }) },
      message instanceof Error ? message.message : String(message),
    );
  }
}
