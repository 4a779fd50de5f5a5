/** Tokens whose signature and form were found good a moment ago: a reconnect storm shows the same ones again. */
import { hash } from 'node:crypto';
import { dropOldest } from '@veche/platform-redis';

/**
 * Least recently used go first. Keyed by the SHA-256 of the whole token, so one entry costs some 100 bytes beside the value,
 * which sessions hold anyway. Nothing that depends on the time is remembered: the caller looks at expiry and revocation again.
 */
export class TokenMemo<V> {
  private readonly entries = new Map<string, V>();

  /** @param size entries kept; 0 remembers nothing */
  constructor(private readonly size: number) {}

  static keyOf(token: string): string {
    return hash('sha256', token, 'base64');
  }

  get(key: string): V | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    this.entries.set(key, value);
    dropOldest(this.entries, this.size);
  }
}
