import { expect, test } from 'vitest';
import { isOriginAllowed } from './origin.rules.ts';

const OURS = 'chat.example.com';
const LISTED = ['https://app.example.com'];

test('takes no origin, our own page and a listed one', () => {
  expect(isOriginAllowed(undefined, OURS, LISTED)).toBe(true);
  expect(isOriginAllowed('https://chat.example.com', OURS, LISTED)).toBe(true);
  expect(isOriginAllowed('http://127.0.0.1:8000', '127.0.0.1:8000', LISTED)).toBe(true);
  expect(isOriginAllowed('https://app.example.com', OURS, LISTED)).toBe(true);
});

test('a star allows every origin', () => {
  expect(isOriginAllowed('https://evil.example', OURS, ['*'])).toBe(true);
});

const around = (host: string): string[] => [
  `https://${host}.evil.example`,
  `https://evil.example/${host}`,
  `https://evil${host}`,
  `https://x.${host}`,
  `https://${host}:444`,
  `https://${host}:0`,
  `https://${host}.`,
  `https://${host}/`,
  `https://${host}/path`,
  `https://${host}?q`,
  `https://${host}#f`,
  `https://${host}\\@evil.example`,
  `https://user@${host}`,
  `https://${host}@evil.example`,
  `https://${host} `,
  ` https://${host}`,
  `https://${host}\t`,
  `https:// ${host}`,
  `https:///${host}`,
  `https:/${host}`,
  `https:${host}`,
  `//${host}`,
  host,
  `ftp://${host}`,
  `file://${host}`,
  `chrome-extension://${host}`,
  `javascript://${host}`,
  `httpsx://${host}`,
  `HTTPS://${host}`,
  `https://${host.toUpperCase()}`,
  `https://${host},https://evil.example`,
  `https://evil.example,https://${host}`,
  `https://${host}https://${host}`,
  `https://${host.replace('.', '%2e')}`,
  `https://${host.replace('.', '。')}`,
  `https://${host.replace('a', 'а')}`,
  `https://${host.replace('e', 'é')}`,
  `https://xn--${host}`,
  `https://[${host}]`,
  `https://${host}\0`,
];
const NEVER = [
  'null',
  '',
  'undefined',
  '*',
  'about:blank',
  'data:text/html,x',
  'blob:https://app.example.com/1',
  'https://',
  'http://',
  'https://.',
  'https://localhost',
  'http://[::1]',
  'http://0.0.0.0',
];

test.each([...around('app.example.com'), ...around('chat.example.com'), ...NEVER])('refuses %j', (origin) => {
  expect(isOriginAllowed(origin, OURS, LISTED)).toBe(false);
});
