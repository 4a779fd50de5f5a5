import { expect, it } from 'vitest';
import { withoutCredentials } from './redaction.ts';

it.each([
  ['amqp://guest:hunter2@host:5672/v', 'amqp://guest:[password]@host:5672/v'],
  ['redis://:hunter2@host', 'redis://:[password]@host'],
  ['amqp://a:hun@ter2@h1,amqps://b:hunter2@h2/v', 'amqp://a:[password]@h1,amqps://b:[password]@h2/v'],
  ['{"url":"postgres://a:hunter2@h","mail":"x@y"}', '{"url":"postgres://a:[password]@h","mail":"x@y"}'],
  ['http://host:80/users/@me', 'http://host:80/users/@me'],
])('no part of a password is left of %s', (text, expected) => {
  expect(withoutCredentials(text)).toBe(expected);
});
