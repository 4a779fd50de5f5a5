import { type Channel, MAX_JSON_DEPTH, parseChannel } from '@veche/contracts';
import { describe, expect, it, test } from 'vitest';
import { Namespaces } from '../namespace/namespaces.ts';
import { mayPublish, nesting } from './publication.rules.ts';

const history = { history_size: 10, history_ttl: 60 };
const namespaces = new Namespaces({
  CHANNELS_DEFAULT: '{}',
  CHANNELS_NAMESPACES: JSON.stringify([
    { name: 'open', publish: 'signed_in', ...history },
    { name: 'subs', publish: 'subscribers', ...history },
    { name: 'closed', publish: 'server', ...history },
    { name: 'brief', publish: 'signed_in' },
  ]),
});

const outcome = (name: string, actor: string, { json = '{"a":1}', ...more }: { json?: string; subscribed?: boolean; caps?: [] } = {}): string =>
  mayPublish(namespaces, parseChannel(name) as Channel, actor, { json, caps: [], subscribed: false, ...more })?.refuse ?? 'allowed';

describe('publishing', () => {
  it.each([
    ['open:a', '7', 'allowed'],
    ['open:a', '', 'permission_denied'],
    ['open:a', 'api:billing', 'allowed'],
    ['subs:a', '7', 'permission_denied'],
    ['closed:a', '7', 'permission_denied'],
    ['closed:a', 'api:billing', 'allowed'],
    ['brief:a', '7', 'not_available'],
    ['brief:a', 'api:billing', 'not_available'],
    ['none:a', '7', 'unknown_channel'],
    ['none:a', 'api:billing', 'unknown_channel'],
    ['thread:1', 'api:billing', 'not_available'],
    ['user:7', '7', 'permission_denied'],
    ['user:7', 'api:billing', 'allowed'],
  ])('to %s by %j: %s', (name, actor, expected) => expect(outcome(name, actor)).toBe(expected));

  it('needs the subscription where only subscribers may', () => expect(outcome('subs:a', '7', { subscribed: true })).toBe('allowed'));
  it('does not take a subscription for a right', () => expect(outcome('closed:a', '7', { subscribed: true })).toBe('permission_denied'));
  it('refuses what is no JSON, or nested too deep', () => {
    expect(outcome('open:a', '7', { json: '{"a":' })).toBe('bad_request');
    expect(outcome('open:a', '7', { json: '' })).toBe('bad_request');
    expect(outcome('open:a', '7', { json: '['.repeat(MAX_JSON_DEPTH) + ']'.repeat(MAX_JSON_DEPTH) })).toBe('allowed');
    expect(outcome('open:a', '7', { json: '['.repeat(MAX_JSON_DEPTH + 1) + ']'.repeat(MAX_JSON_DEPTH + 1) })).toBe('bad_request');
  });
});

test.each([
  ['1', 0],
  ['[]', 1],
  ['{"a":[{}]}', 3],
  ['"[[["', 0],
  ['["\\"[", [1], "\\\\", {}]', 2],
])('the nesting of %s is %i', (json, levels) => expect(nesting(json)).toBe(levels));
