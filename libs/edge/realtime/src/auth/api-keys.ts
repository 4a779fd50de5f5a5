import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type TokensConfig, tokensConfig } from './auth.config.ts';

/** Headers that carry a backend's key, names in lower case as Node gives them. */
export interface KeyHeaders {
  readonly 'x-api-key'?: string | readonly string[] | undefined;
  readonly authorization?: string | undefined;
}

/** Keys of backends, which may do on `/api` whatever it offers. */
@Injectable()
export class ApiKeys {
  private readonly keys: readonly { readonly name: string; readonly digest: Buffer }[];

  constructor(@Inject(tokensConfig.token) { AUTH_API_KEYS }: Pick<TokensConfig, 'AUTH_API_KEYS'>) {
    this.keys = AUTH_API_KEYS.map(({ name, secret }) => ({ name, digest: digestOf(secret) }));
  }

  /** Whose key it is; `undefined` if nobody's. Takes the same time for every key of one length: all are compared, by digests. */
  nameOf(key: string): string | undefined {
    const digest = digestOf(key);
    let found: string | undefined;
    for (const known of this.keys) if (timingSafeEqual(digest, known.digest)) found = known.name;
    return found;
  }

  /** From `X-API-Key: <key>` or `Authorization: apikey <key>`. */
  nameFromHeaders({ 'x-api-key': header, authorization }: KeyHeaders): string | undefined {
    const key = typeof header === 'string' ? header : /^apikey +(\S+)$/i.exec(authorization ?? '')?.[1];
    return key === undefined ? undefined : this.nameOf(key);
  }
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
