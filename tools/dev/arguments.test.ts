import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

test('the private port follows the port', () => {
  expect(readArguments([], {})).toMatchObject({ port: 8000, privatePort: 8001, ephemeral: false, data: undefined });
  expect(readArguments(['--port', '9000'], {})).toMatchObject({ port: 9000, privatePort: 9001 });
  expect(readArguments(['--port=9000'], { VECHE_PRIVATE_PORT: '7' })).toMatchObject({ port: 9000, privatePort: 7 });
});

test('an option wins over the environment', () => {
  expect(readArguments(['--port', '9000'], { VECHE_PORT: '8500' }).port).toBe(9000);
  expect(readArguments([], { VECHE_PORT: '8500' }).port).toBe(8500);
});

test.each([
  [['--prot', '9000'], {}, /Unknown option '--prot'[^]*--port N/],
  [['data'], {}, /Unexpected argument 'data'/],
  [['--port', 'x'], {}, /--port must be a port from 1 to 65535, not "x"/],
  [['--port', '70000'], {}, /from 1 to 65535/],
  [['--port', '65535'], {}, /set VECHE_PRIVATE_PORT/],
  [[], { VECHE_PORT: '-1' }, /VECHE_PORT must be a port/],
  [[], { VECHE_PRIVATE_PORT: '8000' }, /a port of their own/],
  [['--ephemeral', '--data', 'x'], {}, /give one of them/],
  [['--data='], {}, /--data needs a folder/],
])('refuses %j with %j and says what to do', (args, env, sentence) => {
  expect(() => readArguments(args, env)).toThrow(sentence);
});
