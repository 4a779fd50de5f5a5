import { expect, test } from 'vitest';
import { type Machine, provideChromium } from './chromium.ts';

function machine(given: Partial<Machine>): Machine & { readonly ran: string[] } {
  const ran: string[] = [];
  const run = (command: readonly string[]) => (ran.push(command.join(' ')), true);
  return { find: () => undefined, isRoot: true, isDebian: true, run, ran, ...given };
}

test('a machine that has Chromium is left alone', () => {
  const has = machine({ find: () => '/usr/bin/chromium' });
  expect(provideChromium(has)).toBeUndefined();
  expect(has.ran).toEqual([]);
});

test('root on Debian gets it from apt', () => {
  const bare = machine({});
  let looked = 0;
  expect(provideChromium({ ...bare, find: () => (looked++ ? '/usr/bin/chromium' : undefined) })).toBeUndefined();
  expect(bare.ran).toEqual(['apt-get update -q', 'apt-get install -y -q --no-install-recommends chromium']);
});

test('an ordinary user is told the exact command and nothing is run', () => {
  const user = machine({ isRoot: false });
  expect(provideChromium(user)).toContain('sudo apt-get install -y --no-install-recommends chromium');
  expect(user.ran).toEqual([]);
});

test('another system is told what to install', () => {
  expect(provideChromium(machine({ isDebian: false }))).toContain('Install chromium or google-chrome');
});

test('a failed installation is said and does not throw', () => {
  expect(provideChromium(machine({ run: () => false }))).toContain('could not be installed');
});
