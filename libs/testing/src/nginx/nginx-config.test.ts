import { expect, test } from 'vitest';
import { nginxConfiguration } from './nginx-config.ts';

const text = nginxConfiguration({ routes: { websocket: [1001, 1002], sse: [2001], api: ['api:8000'] }, listen: '127.0.0.1:80', home: '/h' });
const locationOf = (path: string): string => text.split(`location ${path} {`)[1]?.split('}')[0] ?? '';
const upstreamOf = (name: string): string => text.split(`upstream ${name} {`)[1]?.split('}')[0] ?? '';

test('processes take turns, and nothing sticks to one', () => {
  expect(upstreamOf('websocket').match(/server \S+/g)).toEqual(['server 127.0.0.1:1001', 'server 127.0.0.1:1002']);
  expect(upstreamOf('api')).toContain('server api:8000 ');
  expect(text).not.toMatch(/ip_hash|sticky|hash /);
});

test.each(['= /connection/websocket', '= /realtime/ws'])('a socket at %s is upgraded, knows its client, and is idle for a day without being ended', (path) => {
  const lines = locationOf(path);
  for (const line of [
    'proxy_pass http://websocket;',
    'Upgrade $http_upgrade',
    'Connection "Upgrade"',
    'X-Real-IP',
    'X-Forwarded-For $proxy_add_x_forwarded_for',
  ])
    expect(lines).toContain(line);
  expect(lines).toMatch(/proxy_read_timeout 86400s;[^]*proxy_send_timeout 86400s;/);
});

test.each(['= /connection/sse', '= /connection/http_stream', '= /emulation', '= /chat/events', '= /realtime/events'])(
  'a stream at %s passes at once: no buffer, no cache, no Connection header, a day of silence',
  (path) => {
    const lines = locationOf(path);
    for (const line of [
      'proxy_pass http://sse;',
      'Connection ""',
      'proxy_buffering off;',
      'proxy_cache off;',
      'X-Accel-Buffering no;',
      'proxy_read_timeout 86400s;',
    ])
      expect(lines).toContain(line);
    expect(text).toContain('proxy_http_version 1.1;');
  },
);

test('everything else is REST', () => {
  expect(locationOf('/')).toContain('proxy_pass http://api;');
});

test('an app without processes makes no configuration that nginx refuses', () => {
  expect(
    nginxConfiguration({ routes: { websocket: [], sse: [], api: [] }, listen: '127.0.0.1:80', home: '/h' }).match(/server 127\.0\.0\.1:1 down;/g),
  ).toHaveLength(3);
});
