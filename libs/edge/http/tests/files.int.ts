import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, type World } from './app.ts';

let directory: string;
let world: World;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'veche-files-'));
  mkdirSync(join(directory, 'page/assets'), { recursive: true });
  writeFileSync(join(directory, 'secret.txt'), 'secret');
  writeFileSync(join(directory, 'page/index.html'), '<h1>page</h1>');
  writeFileSync(join(directory, 'page/assets/index-DxYz1234.js'), 'run()');
  symlinkSync(join(directory, 'secret.txt'), join(directory, 'page/link.txt'));
  world = await openWorld({ staticDir: join(directory, 'page') });
});
afterEach(async () => {
  await world.server.close();
  rmSync(directory, { recursive: true });
});

test('the page is asked for each time, what its name pins for ever', async () => {
  const [page, script] = [await world.server.inject('/'), await world.server.inject('/assets/index-DxYz1234.js')];
  expect([page.body, page.headers['content-type'], page.headers['cache-control']]).toEqual(['<h1>page</h1>', 'text/html; charset=utf-8', 'no-cache']);
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  expect([script.body, script.headers['cache-control']]).toEqual(['run()', 'public, max-age=31536000, immutable']);
});

test('an unchanged page is 304', async () => {
  const { headers } = await world.server.inject('/');
  const again = await world.server.inject({ url: '/', headers: { 'if-none-match': String(headers.etag) } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
});

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/../../secret.txt',
  '/assets/..%5c..%5csecret.txt',
  '/link.txt',
  '/secret.txt',
  '/assets',
  '/assets/',
  '/%00',
  '/nothing',
])('%s leads nowhere', async (url) => {
  const answer = await world.server.inject(url);
  expect([400, 404]).toContain(answer.statusCode);
  expect(answer.body).not.toContain('"secret"');
  expect(answer.body).not.toMatch(/^secret/);
});

test('our own addresses go before files', async () => {
  expect((await world.server.inject('/chat/threads')).statusCode).toBe(401);
  expect((await world.server.inject('/openapi.json')).json().openapi).toBe('3.1.0');
});

test('a directory that is no page is said at the start', async () => {
  await expect(openWorld({ staticDir: join(directory, 'page/assets') })).rejects.toThrow('HTTP_STATIC_DIR has no index.html');
});
