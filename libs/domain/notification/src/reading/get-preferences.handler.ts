import { Injectable } from '@nestjs/common';
import { type DataOf, GetPreferences, type NotificationPreferences } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { kindsOff, mutedThreads } from '../inbox/preferences.repository.ts';
import { kindsFrom } from '../inbox/preferences.rules.ts';

@Injectable()
export class GetPreferencesHandler {
  constructor(private readonly database: Database) {}

  @RequestHandler(GetPreferences)
  async preferences({ user }: DataOf<typeof GetPreferences>): Promise<NotificationPreferences> {
    const [[row], muted] = await Promise.all([kindsOff(this.database, [user]), mutedThreads(this.database, user)]);
    return { ...kindsFrom(row?.kindsOff ?? []), muted };
  }
}
