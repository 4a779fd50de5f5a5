import { type ConfigOf, flag, section, setting } from '@veche/platform-config';
import { z } from 'zod';

const whole = (initially: number, min: number, max: number): z.ZodDefault<z.ZodCoercedNumber> => z.coerce.number().int().min(min).max(max).default(initially);

export const authConfig = section('auth', {
  AUTH_ISSUER: setting(z.string().min(1).max(256).default('veche'), 'The iss of our access tokens.'),
  AUTH_AUDIENCE: setting(z.string().min(1).max(256).default('veche-clients'), 'The aud of our access tokens.'),
  AUTH_ACCESS_TTL_S: setting(whole(600, 10, 3600), 'Seconds that an access token is valid.'),
  AUTH_REFRESH_TTL_S: setting(whole(2_592_000, 60, 31_536_000), 'Seconds after which a sign-in session that was not refreshed ends.'),
  AUTH_REFRESH_GRACE_S: setting(whole(10, 0, 60), 'Seconds in which a spent refresh token gives the same answer again, for clients that lost it.'),
  AUTH_REGISTRATION: setting(flag(true), 'Whether anybody may register.'),
  AUTH_KEY_SECRET: setting(
    z.string().min(32).max(1024).optional(),
    'Secret of at least 32 characters that the private signing keys are encrypted with in the database; without it they are stored as they are.',
    { secret: true },
  ),
  AUTH_KEY_ROTATION_S: setting(whole(604_800, 3600, 31_536_000), 'Seconds that a signing key is used before the next one takes over.'),
  AUTH_HASH_CONCURRENCY: setting(whole(2, 1, 64), 'Passwords hashed at once; each takes 19 MiB and one thread for some 30 ms.'),
  AUTH_HASH_QUEUE: setting(whole(100, 0, 10_000), 'Sign-ins that may wait for their turn to hash; more are answered with 503 at once.'),
  AUTH_SIGN_IN_WITHOUT_REDIS: setting(
    flag(false),
    'While Redis is away although REDIS_URL is set: false: nobody signs in, because failed sign-ins cannot be counted for all processes; true: each process counts by itself.',
  ),
  AUTH_TICKET_TTL_S: setting(whole(30, 1, 30), 'Seconds in which a ticket must be redeemed.'),
});
export type AuthConfig = ConfigOf<typeof authConfig>;
