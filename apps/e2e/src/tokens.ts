/** Tokens of a foreign issuer that signs with a shared secret: users without the cost of a registration. */
import { createHmac } from 'node:crypto';

export function hmacToken(secret: string, claims: object): string {
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
