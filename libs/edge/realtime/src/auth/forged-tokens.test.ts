import { createHmac, sign } from 'node:crypto';
import { VecheError } from '@veche/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  ed25519,
  type Gate,
  HMAC_SECRET,
  hmacToken,
  ISSUER,
  issueTestToken,
  openGate,
  ownClaims,
  p256,
  rsa,
  seconds,
  type TestKey,
} from '../../tests/auth/tokens.fixture.ts';

const own = ed25519('own-1');
const other = ed25519('own-1');
const foreignEc = p256('ec-1');
const foreignRsa = rsa('rsa-1');
const small = rsa('small-1', 1024);
let gate: Gate;

beforeAll(async () => {
  gate = await openGate({ own: [own], foreign: [foreignEc, foreignRsa, small], config: { AUTH_HMAC_SECRET: HMAC_SECRET } });
});
afterAll(() => gate.revocations.stop());

const b64 = (value: string | Buffer | object): string =>
  Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString('base64url');
/** Signs any bytes whatever, well or badly formed, with the true key of our issuer. */
const rawOwn = (header: string | Buffer | object, claims: string | Buffer | object, key: TestKey = own): string => {
  const signed = `${b64(header)}.${b64(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key.privateKey).toString('base64url')}`;
};
const HEADER = { alg: 'EdDSA', kid: 'own-1', typ: 'at+jwt' };
const claimsWith = (changed: object): object => ({ ...ownClaims(), ...changed });
const claimsWithout = (name: string): object => Object.fromEntries(Object.entries(ownClaims()).filter(([key]) => key !== name));
const hmacOf = (secret: string | Buffer, header: object, claims: object): string => {
  const signed = `${b64(header)}.${b64(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};
const good = (): string => rawOwn(HEADER, ownClaims());
const change = (token: string, part: number, fn: (text: string) => string): string =>
  token
    .split('.')
    .map((text, at) => (at === part ? fn(text) : text))
    .join('.');
const foreignClaims = { sub: 'ann', exp: seconds() + 600 };

type Forgery = readonly [name: string, token: () => string | Promise<string>];

const FORGERIES: readonly Forgery[] = [
  ['nothing', () => ''],
  ['one word', () => 'token'],
  ['two parts', () => good().split('.').slice(0, 2).join('.')],
  ['four parts', () => `${good()}.x`],
  ['five parts of an encrypted token', () => `${good()}.x.y`],
  ['an empty signature', () => change(good(), 2, () => '')],
  ['an empty header', () => change(good(), 0, () => '')],
  ['empty claims', () => change(good(), 1, () => '')],
  ['alg none without signature', () => `${b64({ alg: 'none' })}.${b64(ownClaims())}.`],
  ['alg none with a signature', () => rawOwn({ ...HEADER, alg: 'none' }, ownClaims())],
  ['alg NONE', () => rawOwn({ ...HEADER, alg: 'NONE' }, ownClaims())],
  ['alg nOnE', () => rawOwn({ ...HEADER, alg: 'nOnE' }, ownClaims())],
  ['no alg', () => rawOwn({ kid: 'own-1', typ: 'at+jwt' }, ownClaims())],
  ['alg a number', () => rawOwn({ ...HEADER, alg: 1 }, ownClaims())],
  ['alg a list', () => rawOwn({ ...HEADER, alg: ['EdDSA'] }, ownClaims())],
  ['alg in lower case', () => rawOwn({ ...HEADER, alg: 'eddsa' }, ownClaims())],
  ['alg of another key type', () => rawOwn({ ...HEADER, alg: 'RS256' }, ownClaims())],
  ['alg of another curve', () => rawOwn({ ...HEADER, alg: 'ES256' }, ownClaims())],
  ['alg with a path of a prototype', () => rawOwn({ ...HEADER, alg: '__proto__' }, ownClaims())],
  ['a signature of another key with our kid', () => issueTestToken(other)],
  ['HMAC with our public key as the secret (raw)', () => hmacOf(Buffer.from(own.jwk['x'] as string, 'base64url'), { ...HEADER, alg: 'HS256' }, ownClaims())],
  ['HMAC with our public key as the secret (text)', () => hmacOf(own.jwk['x'] as string, { ...HEADER, alg: 'HS256' }, ownClaims())],
  ['HMAC with the JWK as the secret', () => hmacOf(JSON.stringify(own.jwk), { ...HEADER, alg: 'HS256' }, ownClaims())],
  [
    'HMAC with the RSA modulus as the secret',
    () => hmacOf(Buffer.from(foreignRsa.jwk['n'] as string, 'base64url'), { alg: 'HS256', kid: 'rsa-1' }, foreignClaims),
  ],
  ['HMAC with another secret', () => hmacToken(foreignClaims, {}, 'quite another secret here')],
  ['HMAC with an empty secret', () => hmacOf('', { alg: 'HS256' }, foreignClaims)],
  [
    'HMAC named HS256 but made with SHA-512',
    () =>
      `${b64({ alg: 'HS256' })}.${b64(foreignClaims)}.${createHmac('sha512', HMAC_SECRET)
        .update(`${b64({ alg: 'HS256' })}.${b64(foreignClaims)}`)
        .digest('base64url')}`,
  ],
  [
    'HMAC cut to 16 bytes',
    () => hmacToken(foreignClaims).then((token) => change(token, 2, (text) => Buffer.from(text, 'base64url').subarray(0, 16).toString('base64url'))),
  ],
  ['HMAC of an unknown hash', () => hmacOf(HMAC_SECRET, { alg: 'HS1' }, foreignClaims)],
  ['HMAC of an empty hash name', () => hmacOf(HMAC_SECRET, { alg: 'HS' }, foreignClaims)],
  ['a foreign EC key for our issuer', () => issueTestToken(foreignEc)],
  ['a foreign EC key under our kid', () => issueTestToken(foreignEc, ownClaims(), { kid: 'own-1' })],
  [
    'a foreign RSA key of 1024 bits',
    () => {
      const signed = `${b64({ alg: 'RS256', kid: 'small-1' })}.${b64(foreignClaims)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), small.privateKey).toString('base64url')}`;
    },
  ],
  [
    'RS512 declared, RS256 signed',
    () => issueTestToken(foreignRsa, foreignClaims, { typ: 'JWT' }).then((token) => change(token, 0, () => b64({ alg: 'RS512', kid: 'rsa-1' }))),
  ],
  ['an EC signature of zeros (psychic signature)', () => `${b64({ alg: 'ES256', kid: 'ec-1' })}.${b64(foreignClaims)}.${b64(Buffer.alloc(64))}`],
  [
    'an EC signature in DER',
    () =>
      `${b64({ alg: 'ES256', kid: 'ec-1' })}.${b64(foreignClaims)}.${sign('sha256', Buffer.from(`${b64({ alg: 'ES256', kid: 'ec-1' })}.${b64(foreignClaims)}`), foreignEc.privateKey).toString('base64url')}`,
  ],
  ['no kid for our issuer', () => rawOwn({ alg: 'EdDSA', typ: 'at+jwt' }, ownClaims())],
  ['an unknown kid', () => rawOwn({ ...HEADER, kid: 'own-2' }, ownClaims())],
  ['kid with path traversal', () => rawOwn({ ...HEADER, kid: '../../../../dev/null' }, ownClaims())],
  ['kid with SQL', () => rawOwn({ ...HEADER, kid: "own-1' OR '1'='1" }, ownClaims())],
  ['kid with a URL', () => rawOwn({ ...HEADER, kid: 'http://127.0.0.1/keys' }, ownClaims())],
  ['kid a number', () => rawOwn({ ...HEADER, kid: 1 }, ownClaims())],
  ['kid an object', () => rawOwn({ ...HEADER, kid: { $ne: null } }, ownClaims())],
  ['kid of 1 KB', () => rawOwn({ ...HEADER, kid: 'k'.repeat(1024) }, ownClaims())],
  ['the forger’s key in jwk', () => rawOwn({ ...HEADER, jwk: other.jwk }, ownClaims(), other)],
  ['the forger’s key set in jku', () => rawOwn({ ...HEADER, jku: 'http://127.0.0.1:1/jwks.json' }, ownClaims(), other)],
  ['the forger’s certificate in x5u', () => rawOwn({ ...HEADER, x5u: 'http://127.0.0.1:1/cert.pem' }, ownClaims(), other)],
  ['the forger’s certificate in x5c', () => rawOwn({ ...HEADER, x5c: ['MIIB'] }, ownClaims(), other)],
  ['a critical extension', () => rawOwn({ ...HEADER, crit: ['exp'] }, ownClaims())],
  ['an empty crit', () => rawOwn({ ...HEADER, crit: [] }, ownClaims())],
  ['an unencoded payload', () => rawOwn({ ...HEADER, b64: false }, ownClaims())],
  ['a packed payload', () => rawOwn({ ...HEADER, zip: 'DEF' }, ownClaims())],
  ['a token inside the token', () => rawOwn({ ...HEADER, cty: 'JWT' }, ownClaims())],
  ['an encrypted token’s header', () => rawOwn({ ...HEADER, enc: 'A256GCM' }, ownClaims())],
  ['no typ for our issuer', () => rawOwn({ alg: 'EdDSA', kid: 'own-1' }, ownClaims())],
  ['typ of an id token', () => rawOwn({ ...HEADER, typ: 'JWT' }, ownClaims())],
  ['typ of a logout token', () => rawOwn({ ...HEADER, typ: 'logout+jwt' }, ownClaims())],
  ['typ of a proof of possession, foreign', () => hmacToken(foreignClaims, { typ: 'dpop+jwt' })],
  ['typ a list', () => rawOwn({ ...HEADER, typ: ['at+jwt'] }, ownClaims())],
  ['no iss under our key', () => rawOwn(HEADER, claimsWithout('iss'))],
  ['another iss under our key', () => rawOwn(HEADER, claimsWith({ iss: 'veche2' }))],
  ['iss a list that holds ours', () => rawOwn(HEADER, claimsWith({ iss: [ISSUER] }))],
  ['no aud', () => rawOwn(HEADER, claimsWithout('aud'))],
  ['another aud', () => rawOwn(HEADER, claimsWith({ aud: 'billing' }))],
  ['aud with ours as a prefix', () => rawOwn(HEADER, claimsWith({ aud: `${AUDIENCE}.evil` }))],
  ['aud an empty list', () => rawOwn(HEADER, claimsWith({ aud: [] }))],
  ['aud an object', () => rawOwn(HEADER, claimsWith({ aud: { [AUDIENCE]: true } }))],
  ['no sub', () => rawOwn(HEADER, claimsWithout('sub'))],
  ['an empty sub', () => rawOwn(HEADER, claimsWith({ sub: '' }))],
  ['sub a number', () => rawOwn(HEADER, claimsWith({ sub: 42 }))],
  ['sub with a line break', () => rawOwn(HEADER, claimsWith({ sub: 'ann\nroot' }))],
  ['sub of 97 characters', () => rawOwn(HEADER, claimsWith({ sub: 'a'.repeat(97) }))],
  ['sub an object, foreign', () => hmacToken({ ...foreignClaims, sub: { $ne: '' } as unknown as string })],
  ['no sid', () => rawOwn(HEADER, claimsWithout('sid'))],
  ['no jti', () => rawOwn(HEADER, claimsWithout('jti'))],
  ['no iat', () => rawOwn(HEADER, claimsWithout('iat'))],
  ['no exp', () => rawOwn(HEADER, claimsWithout('exp'))],
  ['exp a text', () => rawOwn(HEADER, claimsWith({ exp: String(seconds() + 600) }))],
  ['exp with a fraction', () => rawOwn(HEADER, claimsWith({ exp: seconds() + 600.5 }))],
  ['exp beyond exact numbers', () => rawOwn(HEADER, JSON.stringify(ownClaims()).replace(/"exp":\d+/, '"exp":1e400'))],
  ['exp null', () => rawOwn(HEADER, claimsWith({ exp: null }))],
  ['exp a list', () => rawOwn(HEADER, claimsWith({ exp: [seconds() + 600] }))],
  ['exp true', () => rawOwn(HEADER, claimsWith({ exp: true }))],
  ['nbf in a minute', () => rawOwn(HEADER, claimsWith({ nbf: seconds() + 60 }))],
  ['iat in a minute', () => rawOwn(HEADER, claimsWith({ iat: seconds() + 60 }))],
  ['nbf with a fraction', () => rawOwn(HEADER, claimsWith({ nbf: 1.5 }))],
  ['exp twice', () => rawOwn(HEADER, JSON.stringify(ownClaims()).replace('{', `{"exp":${seconds() - 900},`))],
  ['sub twice, once escaped', () => rawOwn(HEADER, JSON.stringify(ownClaims()).replace('{', String.raw`{"s\u0075b":"root",`))],
  ['alg twice in the header', () => rawOwn('{"alg":"none","alg":"EdDSA","kid":"own-1","typ":"at+jwt"}', ownClaims())],
  ['a doubled name inside info', () => rawOwn(HEADER, JSON.stringify(ownClaims()).replace('{', '{"info":{"a":1,"a":2},'))],
  ['claims that are a list', () => rawOwn(HEADER, [ownClaims()])],
  ['claims that are null', () => rawOwn(HEADER, 'null')],
  ['claims that are not JSON', () => rawOwn(HEADER, "{'sub':'ann'}")],
  ['claims with a byte order mark', () => rawOwn(HEADER, `\uFEFF${JSON.stringify(ownClaims())}`)],
  ['claims with broken UTF-8', () => rawOwn(HEADER, Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]))],
  ['claims nested 1000 deep', () => rawOwn(HEADER, `{"info":${'['.repeat(1000)}${']'.repeat(1000)}}`)],
  ['a header that is not JSON', () => rawOwn('alg=EdDSA', ownClaims())],
  ['padding', () => `${good()}==`],
  ['padding inside', () => change(good(), 1, (text) => `${text}=`)],
  ['the standard alphabet', () => change(rawOwn(HEADER, claimsWith({ name: '???>>>' })), 1, (text) => text.replaceAll('-', '+').replaceAll('_', '/'))],
  ['white space inside', () => change(good(), 1, (text) => `${text.slice(0, 10)} ${text.slice(10)}`)],
  ['a line break at the end', () => `${good()}\n`],
  [
    'left-over bits in the last character',
    () => change(good(), 2, (text) => `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) + 1)}`),
  ],
  ['a changed claim', () => change(good(), 1, () => b64(claimsWith({ sub: 'root' })))],
  [
    'a changed signature',
    () => change(good(), 2, (text) => `A${text.slice(1) === text ? 'B' : text.slice(1)}`.replace(/^A/, text.startsWith('A') ? 'B' : 'A')),
  ],
  ['a signature that is too long', () => change(good(), 2, (text) => b64(Buffer.concat([Buffer.from(text, 'base64url'), Buffer.alloc(1)])))],
  ['8193 characters', () => rawOwn(HEADER, claimsWith({ info: 'x'.repeat(6000) })).padEnd(8193, 'x')],
  ['a header of 1 MB', () => rawOwn({ ...HEADER, x: 'x'.repeat(1_000_000) }, ownClaims())],
  ['a subscription token', () => hmacToken({ ...foreignClaims, channel: 'news' })],
  ['characters outside ASCII', () => `${good().slice(0, 20)}é${good().slice(20)}`],
  ['b64info that is not JSON, foreign', () => hmacToken({ ...foreignClaims, b64info: b64('{') })],
  ['subs that are a list, foreign', () => hmacToken({ ...foreignClaims, subs: ['news'] })],
  ['channels with a number, foreign', () => hmacToken({ ...foreignClaims, channels: [1] })],
];

describe('forged tokens', () => {
  it('are of more than sixty kinds', () => expect(new Set(FORGERIES.map(([name]) => name)).size).toBeGreaterThan(60));

  it.each(FORGERIES)('refuses %s', async (_name, forge) => {
    const token = await forge();
    for (const attempt of [1, 2]) {
      const error = await gate.verifier.verify(token).then(
        () => `accepted at attempt ${attempt}`,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(VecheError);
      expect((error as VecheError).error).toBe('unauthorized');
    }
  });

  it('accepts the token that all of these were made from', async () => {
    expect(await gate.verifier.verify(good())).toMatchObject({ user: '0197-ann', sid: 'sid-1' });
    expect(await gate.verifier.verify(await hmacToken(foreignClaims))).toMatchObject({ user: 'ann' });
    expect(await gate.verifier.verify(await issueTestToken(foreignEc, foreignClaims, { typ: 'JWT' }))).toMatchObject({ user: 'ann' });
    expect(await gate.verifier.verify(await issueTestToken(foreignRsa, foreignClaims, { typ: 'JWT' }))).toMatchObject({ user: 'ann' });
  });

  it('ignores where a well signed token says its key is', async () => {
    expect(await gate.verifier.verify(rawOwn({ ...HEADER, jku: 'http://127.0.0.1:1/jwks.json', jwk: other.jwk }, ownClaims()))).toMatchObject({
      user: '0197-ann',
    });
  });
});
