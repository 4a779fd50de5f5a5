import { createHmac } from 'node:crypto';

export const SECRET = 'a-secret-shared-with-the-tests';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A connection token as a backend of a Centrifugo user would make it. Times in seconds from now. */
export function tokenOf(user: string, claims: Record<string, unknown> = {}, expiresIn = 3_600): string {
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, iat: now, exp: now + expiresIn, ...claims })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}
