import { expect, test } from 'vitest';
import { Hosts, urlsOf } from './hosts.ts';

test('a URL with several hosts is one URL for each', () => {
  expect(urlsOf('postgres://u:p%40ss@one:5432,two:6432/db?sslmode=require')).toEqual([
    'postgres://u:p%40ss@one:5432/db?sslmode=require',
    'postgres://u:p%40ss@two:6432/db?sslmode=require',
  ]);
  expect(urlsOf('postgresql://one')).toEqual(['postgresql://one']);
  expect(urlsOf('postgres://u@[::1]:1,[::2]:2/db')).toEqual(['postgres://u@[::1]:1/db', 'postgres://u@[::2]:2/db']);
});

test('connections go to the host that was chosen last', () => {
  const hosts = new Hosts('postgres://one,two/db');
  expect([hosts.several, hosts.current]).toEqual([true, 'postgres://one/db']);
  hosts.use('postgres://two/db');
  expect(hosts.current).toBe('postgres://two/db');
});
