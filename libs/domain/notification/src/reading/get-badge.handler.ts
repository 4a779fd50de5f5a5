import { Injectable } from '@nestjs/common';
import { type Badge, type DataOf, GetBadge } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { badgeOf } from './notice-list.repository.ts';

@Injectable()
export class GetBadgeHandler {
  constructor(private readonly database: Database) {}

  @RequestHandler(GetBadge)
  badge({ user }: DataOf<typeof GetBadge>): Promise<Badge> {
    return badgeOf(this.database, user);
  }
}
