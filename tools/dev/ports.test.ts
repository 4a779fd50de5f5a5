import { expect, test } from 'vitest';
import { checkPorts, hostsOf, originOf } from './ports.ts';

test('the private port follows the host, as it does in the server', () => {
  expect(hostsOf({})).toEqual({ host: '127.0.0.1', privateHost: '127.0.0.1' });
  expect(hostsOf({ VECHE_HOST: '10.0.0.1' })).toEqual({ host: '10.0.0.1', privateHost: '10.0.0.1' });
  expect(hostsOf({ VECHE_HOST: '0.0.0.0', VECHE_PRIVATE_HOST: '127.0.0.2' })).toEqual({ host: '0.0.0.0', privateHost: '127.0.0.2' });
});

test.each([
  ['0.0.0.0', 'http://127.0.0.1:8000'],
  ['::', 'http://127.0.0.1:8000'],
  ['::1', 'http://[::1]:8000'],
  ['10.0.0.1', 'http://10.0.0.1:8000'],
])('what listens on %s is reached at %s', (host, origin) => {
  expect(originOf(host, 8000)).toBe(origin);
});

test('an address that this machine does not have is refused with the setting that names it', async () => {
  // 203.0.113.0/24 is for documentation: no machine has it.
  const ports = { port: 65_530, privatePort: 65_531 };
  await expect(checkPorts({ host: '203.0.113.7', privateHost: '127.0.0.1' }, ports)).rejects.toThrow(/no address 203\.0\.113\.7: set VECHE_HOST /);
  await expect(checkPorts({ host: '127.0.0.1', privateHost: '203.0.113.7' }, ports)).rejects.toThrow(/set VECHE_PRIVATE_HOST /);
});
