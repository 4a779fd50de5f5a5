import { Injectable } from '@nestjs/common';
import { AuthorizeThread, type DataOf, type Grant } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { roleIn } from './member.repository.ts';
import { grantFor } from './grant.rules.ts';

@Injectable()
export class AuthorizeThreadHandler {
  constructor(private readonly database: Database) {}

  @RequestHandler(AuthorizeThread)
  async authorize({ channel, subject }: DataOf<typeof AuthorizeThread>): Promise<Grant> {
    return grantFor(await roleIn(this.database, channel, subject.user));
  }
}
