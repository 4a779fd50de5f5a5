import { argon2, type Argon2Parameters, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { AuthServiceTelemetry } from '../auth.telemetry.ts';
import { type Argon2Costs, decodeHash, encodeHash, type PasswordHash } from './phc.ts';
import { Turnstile } from './turnstile.ts';

/** OWASP's argon2id minimum; measured 34 ms on a 2020s server core. */
const COSTS: Argon2Costs = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** What an unknown login is checked against: no password fits, and it takes as long as any other. */
const NOBODY: PasswordHash = { ...COSTS, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };

const derive = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>;

/** Hashes on the thread pool, a few at once: a storm of sign-ins waits instead of taking the machine. */
@Injectable()
export class Passwords {
  private readonly turnstile: Turnstile;

  constructor(
    @Inject(authConfig.token) config: Pick<AuthConfig, 'AUTH_HASH_CONCURRENCY' | 'AUTH_HASH_QUEUE'>,
    private readonly telemetry: AuthServiceTelemetry,
  ) {
    this.turnstile = new Turnstile(config.AUTH_HASH_CONCURRENCY, config.AUTH_HASH_QUEUE);
  }

  /** @throws VecheError `unavailable` when too many are being hashed */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return encodeHash({ ...COSTS, salt, hash: await this.derive(password, { ...COSTS, salt, hash: NOBODY.hash }) });
  }

  /**
   * Whether the password is the one of the stored hash. Without a stored hash it takes the same time and says no.
   * @throws VecheError `unavailable` when too many are being hashed
   */
  async matches(password: string, stored: string | undefined): Promise<boolean> {
    const known = stored === undefined ? undefined : decodeHash(stored);
    const expected = known ?? NOBODY;
    const equal = timingSafeEqual(await this.derive(password, expected), expected.hash);
    return equal && known !== undefined;
  }

  /** Whether a hash was made with other costs than today's; then the next sign-in makes a new one. */
  isOutdated(stored: string): boolean {
    const known = decodeHash(stored);
    return known?.memory !== COSTS.memory || known.passes !== COSTS.passes || known.parallelism !== COSTS.parallelism;
  }

  private derive(password: string, { memory, passes, parallelism, salt, hash }: PasswordHash): Promise<Buffer> {
    return this.turnstile.pass(async () => {
      const began = performance.now();
      // Normalised, because keyboards compose the same letters differently.
      const message = Buffer.from(password.normalize('NFKC'));
      const derived = await derive('argon2id', { message, nonce: salt, parallelism, tagLength: hash.length, memory, passes });
      this.telemetry.hashed((performance.now() - began) / 1000);
      return derived;
    });
  }
}
