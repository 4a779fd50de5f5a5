import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressOf, peerOf } from './peer.rules.ts';

const request = (headers: Record<string, string>, remoteAddress = '10.0.0.9'): IncomingMessage =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;
const forwarded = (value: string): IncomingMessage => request({ 'x-forwarded-for': value, 'x-real-ip': '7.7.7.7' });

test('without trusted proxies nothing that the client writes is believed', () => {
  expect(addressOf(forwarded('1.1.1.1'), 0)).toBe('10.0.0.9');
});

test('counts exactly the trusted proxies from the right', () => {
  expect(addressOf(forwarded('6.6.6.6, 1.1.1.1'), 1)).toBe('1.1.1.1');
  expect(addressOf(forwarded('6.6.6.6, 1.1.1.1, 2.2.2.2'), 2)).toBe('1.1.1.1');
});

test('falls back to X-Real-IP of a trusted proxy, then to the peer', () => {
  expect(addressOf(request({ 'x-real-ip': '3.3.3.3' }), 1)).toBe('3.3.3.3');
  expect(addressOf(forwarded('not an address'), 1)).toBe('10.0.0.9');
  expect(addressOf(request({}), 1)).toBe('10.0.0.9');
});

test('an IPv4 client has one spelling', () => {
  expect(addressOf(request({}, '::ffff:1.2.3.4'), 0)).toBe('1.2.3.4');
});

test('a bearer header goes before the cookie, and the cookie is read only by setting', () => {
  const settings = { HTTP_TRUSTED_PROXIES: 0, DOORS_TOKEN_COOKIE: 'veche' };
  expect(peerOf(request({ authorization: 'Bearer a.b.c', cookie: 'veche=d' }), settings).token).toBe('a.b.c');
  expect(peerOf(request({ cookie: 'x=1; veche=d.e.f; y=2' }), settings).token).toBe('d.e.f');
  expect(peerOf(request({ cookie: 'veche=d' }), { ...settings, DOORS_TOKEN_COOKIE: '' }).token).toBeUndefined();
});

test('a cookie that a page without an origin has sent along is not read', () => {
  const settings = { HTTP_TRUSTED_PROXIES: 0, DOORS_TOKEN_COOKIE: 'veche' };
  const token = (headers: Record<string, string>): string | undefined => peerOf(request({ cookie: 'veche=d', ...headers }), settings).token;
  for (const site of ['cross-site', 'same-site', 'something new']) expect(token({ 'sec-fetch-site': site })).toBeUndefined();
  for (const site of ['same-origin', 'none']) expect(token({ 'sec-fetch-site': site })).toBe('d');
  expect(token({ 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' })).toBe('d');
});

test('takes a trace context only in its own form', () => {
  const settings = { HTTP_TRUSTED_PROXIES: 0, DOORS_TOKEN_COOKIE: '' };
  const good = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  expect(peerOf(request({ traceparent: good }), settings).traceparent).toBe(good);
  expect(peerOf(request({ traceparent: 'x\r\ny' }), settings).traceparent).toBeUndefined();
});
