import { Injectable } from '@nestjs/common';
import { Database } from '@veche/platform-postgres';

export interface TicketRow {
  readonly sealed_token: Buffer;
  readonly origin: string | null;
  readonly alive: boolean;
}

@Injectable()
export class TicketsRepository {
  constructor(private readonly database: Database) {}

  async insert(hash: Buffer, sealedToken: Buffer, origin: string | undefined, ttlSeconds: number): Promise<void> {
    await this.database.query({
      name: 'auth-insert-ticket',
      text: 'INSERT INTO ticket (hash, sealed_token, origin, expires_at) VALUES ($1, $2, $3, now() + make_interval(secs => $4))',
      values: [hash, sealedToken, origin ?? null, ttlSeconds],
    });
  }

  /** One atomic delete: of two who show the same ticket one gets it. */
  async take(hash: Buffer): Promise<TicketRow | undefined> {
    const rows = await this.database.query<TicketRow>({
      name: 'auth-take-ticket',
      text: 'DELETE FROM ticket WHERE hash = $1 RETURNING sealed_token, origin, expires_at > now() AS alive',
      values: [hash],
    });
    return rows[0];
  }

  async removeExpired(): Promise<void> {
    await this.database.query({ text: 'DELETE FROM ticket WHERE expires_at <= now()' });
  }
}
