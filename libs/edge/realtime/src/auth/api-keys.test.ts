import { ConfigError, loadConfig, valuesOf } from '@veche/platform-config';
import { describe, expect, it } from 'vitest';
import { ApiKeys } from './api-keys.ts';
import { tokensConfig } from './auth.config.ts';

const configured = (env: Record<string, string>) => valuesOf(loadConfig([tokensConfig], env), tokensConfig);
const SHOP = 'shop-secret-0123456789';
const keys = new ApiKeys(configured({ AUTH_API_KEYS: `shop:${SHOP}, crm:crm:with:colons:0123` }));

describe('api keys', () => {
  it('name the backend whose key it is', () => {
    expect(keys.nameOf(SHOP)).toBe('shop');
    expect(keys.nameOf('crm:with:colons:0123')).toBe('crm');
  });

  it.each(['', 'shop', `${SHOP} `, SHOP.slice(1), `shop:${SHOP}`])('are nobody’s: "%s"', (key) => {
    expect(keys.nameOf(key)).toBeUndefined();
  });

  it('come in X-API-Key or as Authorization: apikey', () => {
    expect(keys.nameFromHeaders({ 'x-api-key': SHOP })).toBe('shop');
    expect(keys.nameFromHeaders({ authorization: `apikey ${SHOP}` })).toBe('shop');
    expect(keys.nameFromHeaders({ authorization: `ApiKey ${SHOP}` })).toBe('shop');
    expect(keys.nameFromHeaders({ authorization: `Bearer ${SHOP}` })).toBeUndefined();
    expect(keys.nameFromHeaders({ 'x-api-key': [SHOP, SHOP] })).toBeUndefined();
    expect(keys.nameFromHeaders({})).toBeUndefined();
  });

  it('open nothing while none is configured', () => {
    expect(new ApiKeys(configured({})).nameOf('')).toBeUndefined();
  });

  it.each(['shop:short', 'no-colon-but-long-enough', ':no-name-0123456789', 'Shop:shop-secret-0123456789'])('are refused by the configuration: %s', (text) => {
    expect(() => configured({ AUTH_API_KEYS: text })).toThrow(ConfigError);
  });

  it('must have different names', () => {
    expect(() => configured({ AUTH_API_KEYS: 'a:0123456789abcdef,a:fedcba9876543210' })).toThrow(/two keys of one name/);
  });
});

it('an expected issuer without any way to check its tokens is refused', () => {
  expect(() => configured({ AUTH_FOREIGN_ISSUER: 'https://id.example' })).toThrow(/need AUTH_HMAC_SECRET or AUTH_JWKS_URL/);
});
