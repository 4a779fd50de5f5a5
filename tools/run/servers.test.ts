import { expect, test } from 'vitest';
import { provideServers, type ServerMachine } from './servers.ts';

/** A machine without these, on which an installation helps or does not. */
function machine(absent: readonly string[], given: Partial<ServerMachine> & { readonly helps?: boolean } = {}): ServerMachine & { readonly ran: string[] } {
  const missing = new Set(absent);
  const ran: string[] = [];
  const run = (command: readonly string[]): boolean => {
    ran.push(command.join(' '));
    if (command[1] === 'install' && given.helps !== false) missing.clear();
    return given.helps !== false;
  };
  return {
    missing: (program) => (missing.has(program) ? `${program} is not installed: sudo apt-get install ${program}` : undefined),
    isRoot: true,
    hasApt: true,
    run,
    ran,
    ...given,
  };
}

test('a machine that has all servers is left alone', () => {
  const has = machine([]);
  expect(provideServers(has)).toEqual([]);
  expect(has.ran).toEqual([]);
});

test('root on Debian gets those that are missing, and only those', () => {
  const bare = machine(['rabbitmq', 'nginx']);
  expect(provideServers(bare)).toEqual([]);
  expect(bare.ran).toEqual(['apt-get update -q', 'apt-get install -y -q --no-install-recommends rabbitmq-server nginx-light']);
});

test('an ordinary user gets a sentence with the command for each, and nothing is run', () => {
  const user = machine(['redis', 'pgbouncer'], { isRoot: false });
  expect(provideServers(user)).toEqual(['redis is not installed: sudo apt-get install redis', 'pgbouncer is not installed: sudo apt-get install pgbouncer']);
  expect(user.ran).toEqual([]);
});

test('another system is told, and nothing is run', () => {
  const mac = machine(['nginx'], { hasApt: false });
  expect(provideServers(mac)).toHaveLength(1);
  expect(mac.ran).toEqual([]);
});

test('an installation that failed leaves the sentence', () => {
  expect(provideServers(machine(['redis'], { helps: false }))).toHaveLength(1);
});
