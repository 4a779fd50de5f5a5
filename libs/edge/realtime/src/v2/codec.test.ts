import { VecheError } from '@veche/contracts';
import { anything, assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorReply, parseCommand, ProtocolViolation } from './codec.ts';

describe('a command', () => {
  it('is an id, a method and its parameters', () => {
    const text = '{"id":7,"subscribe":{"channel":"a"},"more":1}';
    expect(parseCommand(text)).toEqual({ id: 7, method: 'subscribe', params: { channel: 'a' }, text });
  });

  it('is a pong when it is empty, and send without an id', () => {
    expect(parseCommand('{}')).toBe('pong');
    expect(parseCommand(' { } ')).toBe('pong');
    expect(parseCommand('{"send":{"data":1}}')).toMatchObject({ id: 0, method: 'send' });
  });

  it.each([
    '',
    'null',
    '[]',
    '5',
    '"x"',
    '{"id":1}',
    '{"id":0}',
    '{"unknown":{}}',
    '{"id":0,"connect":{}}',
    '{"connect":{}}',
    '{"id":-1,"connect":{}}',
    '{"id":1.5,"connect":{}}',
    '{"id":"1","connect":{}}',
    '{"id":4294967296,"connect":{}}',
    '{"id":1,"connect":5}',
    '{"id":1,"connect":[]}',
    '{"id":1,"unknown":{}}',
    '{"id":1,"send":{}}',
    '{"id":1,"__proto__":{"connect":{}}}',
  ])('is refused: %s', (text) => {
    expect(() => parseCommand(text)).toThrow(ProtocolViolation);
  });

  it('never throws anything but a violation', () => {
    const attempt = (text: string): void => {
      try {
        parseCommand(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolViolation);
      }
    };
    assert(property(string(), attempt));
    assert(property(anything(), (value) => attempt(JSON.stringify(value) ?? '')));
  });
});

it('an error reply says code, message, whether to try again and when', () => {
  expect(JSON.parse(errorReply(3, new VecheError('too_many_requests', 'slow down', [], 1_200)))).toEqual({
    id: 3,
    error: { code: 111, message: 'slow down', temporary: true, retry_after: 2 },
  });
  expect(JSON.parse(errorReply(3, new VecheError('permission_denied')))).toEqual({ id: 3, error: { code: 103, message: 'not permitted' } });
});
