import { Injectable } from '@nestjs/common';
import { AuthorizeThread, AuthorizeThreads, type DataOf, type Grant, type GrantOutcomes } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { roleIn, rolesIn } from './member.repository.ts';
import { grantFor } from './grant.rules.ts';

@Injectable()
export class AuthorizeThreadHandler {
  constructor(private readonly database: Database) {}

  @RequestHandler(AuthorizeThread)
  async authorize({ channel, subject }: DataOf<typeof AuthorizeThread>): Promise<Grant> {
    return grantFor(await roleIn(this.database, channel, subject.user));
  }

  @RequestHandler(AuthorizeThreads)
  async authorizeMany({ asks }: DataOf<typeof AuthorizeThreads>): Promise<GrantOutcomes> {
    const roles = await rolesIn(
      this.database,
      asks.map(({ channel, subject: { user } }) => ({ channel, user })),
    );
    return { outcomes: roles.map((role) => ({ grant: grantFor(role) })) };
  }
}
