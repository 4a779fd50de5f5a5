import { type ConfigOf, flag, section, setting } from '@veche/platform-config';
import { z } from 'zod';

/** A backend's name (for logs and metrics) and its secret. */
export interface ApiKey {
  readonly name: string;
  readonly secret: string;
}

const ALLOWED = 'name:secret, separated by commas; names of a-z 0-9 _ -, secrets of 16 characters or more';
const apiKeys = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean)
      .map(apiKeyOf),
  )
  .pipe(z.array(z.object({ name: z.string().regex(/^[a-z0-9_-]{1,32}$/), secret: z.string().min(16).max(512) })).max(100))
  .default([])
  .meta({ allowed: ALLOWED });

const apiKeyOf = (item: string): ApiKey => ({ name: item.slice(0, Math.max(0, item.indexOf(':'))), secret: item.slice(item.indexOf(':') + 1) });

export const tokensConfig = section(
  'tokens',
  {
    AUTH_HMAC_SECRET: setting(
      z.string().min(16).optional(),
      'Secret shared with another issuer of HS256, HS384 or HS512 tokens, at least 16 characters; without it such tokens are refused.',
      { secret: true },
    ),
    AUTH_JWKS_URL: setting(
      z.url({ protocol: /^https?$/ }).optional(),
      'Where another issuer publishes its key set, for RS, ES and EdDSA tokens; without it such tokens are refused.',
    ),
    AUTH_FOREIGN_ISSUER: setting(z.string().max(256).optional(), 'The iss that tokens of the other issuer must carry; without it any or none.'),
    AUTH_FOREIGN_AUDIENCE: setting(z.string().max(256).optional(), 'The aud that tokens of the other issuer must carry; without it any or none.'),
    AUTH_LEEWAY_S: setting(z.coerce.number().int().min(0).max(30).default(5), 'Seconds that clocks of issuers may differ from ours.'),
    AUTH_VERIFIED_TOKENS: setting(
      z.coerce.number().int().min(0).max(1_000_000).default(20_000),
      'Verified tokens remembered, so that reconnecting clients cost little; 0 remembers none.',
    ),
    AUTH_API_KEYS: setting(apiKeys, `Keys of backends: ${ALLOWED}; without one the /api is closed.`, { secret: true }),
    CLIENT_ALLOW_ANONYMOUS: setting(flag(false), 'Whether clients without a token may connect.'),
  },
  (values) => [
    ...(values.AUTH_API_KEYS.length === new Set(values.AUTH_API_KEYS.map(({ name }) => name)).size
      ? []
      : ['AUTH_API_KEYS has two keys of one name; give each backend its own name']),
    ...((values.AUTH_FOREIGN_ISSUER ?? values.AUTH_FOREIGN_AUDIENCE) !== undefined && !values.AUTH_HMAC_SECRET && !values.AUTH_JWKS_URL
      ? ['AUTH_FOREIGN_ISSUER and AUTH_FOREIGN_AUDIENCE need AUTH_HMAC_SECRET or AUTH_JWKS_URL; give one of these or remove them']
      : []),
  ],
);
export type TokensConfig = ConfigOf<typeof tokensConfig>;
