/** Reads Centrifugo's claims: what a verified token says about its session and subscriptions. */
import { CAPABILITIES, type Capability } from '@veche/contracts';
import type { Identity, OptionOverride, SubscriptionPass, TokenSubscription } from './identity.ts';
import { isObject, type JsonObject } from './strict-json.ts';

/** @throws Error saying which claim has the wrong form */
export function identityOf(claims: JsonObject): Identity {
  return Object.freeze({
    user: userOf(text(claims['sub']) ?? ''),
    ...optional('sid', text(claims['sid'])),
    ...optional('jti', text(claims['jti'])),
    ...optional('issuedAt', milliseconds(claims['iat'])),
    ...optional('expiresAt', expiryOf(claims)),
    ...optional('name', text(claims['name'])),
    ...optional('info', jsonOf(claims, 'info')),
    ...optional('meta', claims['meta']),
    caps: capsOf(claims['caps']),
    subs: subsOf(claims),
  });
}

/** @throws Error saying which claim has the wrong form */
export const passOf = (channel: string, claims: JsonObject): SubscriptionPass =>
  Object.freeze({ ...subscriptionOf(channel, claims), ...optional('expiresAt', expiryOf(claims)) });

/** Printable and bounded: it becomes a part of keys. Backends act as `api:<key>`, so no token may name such a user. */
function userOf(sub: string): string {
  if (sub.startsWith('api:') || sub.length > 128 || UNPRINTABLE.test(sub))
    throw new Error('sub must be at most 128 printable characters and not begin with api:');
  return sub;
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNPRINTABLE = /[\u0000-\u001f\u007f]/;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const milliseconds = (seconds: unknown): number | undefined => (typeof seconds === 'number' ? seconds * 1000 : undefined);
const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });

/** `expire_at` replaces `exp` as the end of the session; 0 or less means that the session never ends. */
function expiryOf({ exp, expire_at: expireAt }: JsonObject): number | undefined {
  if (typeof expireAt !== 'number') return milliseconds(exp);
  return expireAt > 0 ? milliseconds(expireAt) : undefined;
}

/** `info`, or `b64info` that holds the same in base64. */
function jsonOf(claims: JsonObject, name: 'info' | 'data'): unknown {
  const packed = claims[`b64${name}`];
  if (packed === undefined || packed === '') return claims[name];
  if (typeof packed !== 'string') throw new Error(`b64${name} must be base64 of JSON`);
  try {
    return JSON.parse(Buffer.from(packed, 'base64').toString('utf8')) as unknown;
  } catch {
    throw new Error(`b64${name} must be base64 of JSON`);
  }
}

/** `subs` wins over `channels`, as in Centrifugo. */
function subsOf({ subs, channels }: JsonObject): readonly TokenSubscription[] {
  if (subs !== undefined && subs !== null && !isObject(subs)) throw new Error('subs must be an object of channels');
  const detailed = Object.entries(subs ?? {}).map(([channel, options]) => subscriptionOf(channel, isObject(options) ? options : {}));
  if (detailed.length > 0) return detailed;
  return texts(channels ?? [], 'channels').map((channel) => ({ channel, override: {} }));
}

function subscriptionOf(channel: string, options: JsonObject): TokenSubscription {
  return { channel, ...optional('info', jsonOf(options, 'info')), ...optional('data', jsonOf(options, 'data')), override: overrideOf(options['override']) };
}

const OVERRIDES = [
  'presence',
  'join_leave',
  'force_push_join_leave',
  'force_recovery',
  'force_positioning',
] as const satisfies readonly (keyof OptionOverride)[];

/** Each option as `{"value": true}`; a `value` left out is false, as Centrifugo writes it. */
function overrideOf(override: unknown): OptionOverride {
  if (!isObject(override)) return {};
  return Object.fromEntries(OVERRIDES.flatMap((name) => (isObject(override[name]) ? [[name, override[name]['value'] === true]] : [])));
}

const ALLOWS: Readonly<Record<string, Capability>> = { sub: 'subscribe', pub: 'publish', hst: 'history', prs: 'presence' };

/** An entry that we cannot follow exactly (a regular expression, a wildcard inside a name) keeps its place but names nothing: too little is allowed, never too much. */
function capsOf(caps: unknown): Identity['caps'] {
  if (caps === undefined || caps === null) return [];
  if (!Array.isArray(caps)) throw new Error('caps must be a list');
  return caps.filter(isObject).map(({ channels, match, allow }) => ({
    channels: texts(channels ?? [], 'caps.channels').filter((name) =>
      match === 'wildcard' ? !name.slice(0, -1).includes('*') : (match ?? '') === '' && !name.includes('*'),
    ),
    allow: texts(allow ?? [], 'caps.allow').flatMap((name) => ALLOWS[name] ?? CAPABILITIES.find((known) => known === name) ?? []),
  }));
}

function texts(value: unknown, name: string): string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw new Error(`${name} must be a list of texts`);
  return value;
}
