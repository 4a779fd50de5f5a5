import { describe, expect, it } from 'vitest';
import { Logger } from './logger.ts';
import { NestLogger } from './nest-logger.ts';

function recording(config: Parameters<typeof Logger.to>[1] = {}): { logger: Logger; lines: string[]; last: () => Record<string, unknown> } {
  const lines: string[] = [];
  const logger = Logger.to({ write: (line) => lines.push(line) }, config);
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('Logger', () => {
  it('writes one JSON record a line with the module, the fields and the text', () => {
    const { logger, last } = recording();
    logger.child('messaging').info({ queue: 3 }, 'batch done');
    expect(last()).toMatchObject({ level: 30, module: 'messaging', queue: 3, msg: 'batch done' });
  });

  it('has one module, also as the child of a child', () => {
    const { logger, lines } = recording();
    logger.child('runtime').child('nest').info('started');
    expect(lines[0]?.match(/"module"/g)).toHaveLength(1);
    expect(lines[0]).toContain('"module":"nest"');
  });

  it('drops what is below its level', () => {
    const { logger, lines } = recording({ LOG_LEVEL: 'warn' });
    logger.info('quiet');
    logger.warn('loud');
    expect(lines).toHaveLength(1);
    expect(logger.enabled('info')).toBe(false);
  });

  it('never writes a credential: in a field, one level down, in a text, in an error', () => {
    const { logger, lines } = recording();
    const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';
    logger.info({ token: jwt, headers: { authorization: `Bearer ${jwt}`, cookie: 'a=b' }, password: 'pass-word' }, 'sign-in');
    logger.info(`tried ${jwt} on wss://host/ws?token=abc.def&x=1`);
    logger.error({ err: Object.assign(new Error('postgres://veche:pass-word@db/veche refused Bearer abcdef'), { parameters: ['pass-word'] }) }, 'failed');
    const all = lines.join('');
    for (const secret of [jwt, 'a=b', 'pass-word', 'abc.def', 'abcdef']) expect(all).not.toContain(secret);
    expect(all).toContain('postgres://veche:[password]@db/veche');
  });

  it('prints one readable line for a terminal', () => {
    const { logger, lines } = recording({ LOG_PRETTY: true });
    logger.child('runtime').info({ port: 8000 }, 'listening');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info {2}runtime: listening port=8000\n$/);
  });
});

describe('NestLogger', () => {
  it('carries context, level and stack of the framework', () => {
    const { logger, last } = recording({ LOG_LEVEL: 'debug' });
    const nest = new NestLogger(logger);
    nest.log('Mapped', 'RouterExplorer');
    expect(last()).toMatchObject({ level: 20, module: 'nest', context: 'RouterExplorer', msg: 'Mapped' });
    nest.error(new Error('broken'), 'ExceptionsHandler');
    expect(last()).toMatchObject({ level: 50, context: 'ExceptionsHandler', msg: 'broken', err: { type: 'Error' } });
  });

  it('leaves what fails at the start to whoever started it', () => {
    const { logger, lines } = recording();
    new NestLogger(logger).error(new Error('broken'), 'ExceptionHandler');
    expect(lines).toEqual([]);
  });
});
