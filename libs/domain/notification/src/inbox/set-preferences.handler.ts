import { Injectable } from '@nestjs/common';
import { NOTICE_KINDS, type NoticeKind, PreferencesSet, SetPreferences } from '@veche/contracts';
import type { CommandBatch, Decision, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended } from '../decision.ts';
import { inboxOf, userOf } from './inbox.rules.ts';
import { kindsOff } from './preferences.repository.ts';
import { type Kinds, kindsFrom, merged } from './preferences.rules.ts';
import { project } from './project.ts';

@Injectable()
export class SetPreferencesHandler {
  @CommandHandler(SetPreferences)
  async set({ commands, tx }: CommandBatch<SetPreferences>): Promise<Verdict> {
    const inboxes = commands.map(({ channel, envelope }) => inboxOf(channel.name, envelope.actor));
    const rows = await kindsOff(tx, inboxes.map(userOf));
    const current = new Map<string, Kinds>();
    return {
      decisions: commands.map(({ channel, envelope: { data } }, place): Decision => {
        const inbox = inboxes[place]!;
        if ('refuse' in inbox) return inbox;
        const before = current.get(channel.name) ?? kindsFrom(rows[place]!.kindsOff);
        const after = merged(before, data);
        current.set(channel.name, after);
        return NOTICE_KINDS.some((kind: NoticeKind) => before[kind] !== after[kind]) ? appended(PreferencesSet, after) : 'unchanged';
      }),
      project: (events) => project(tx, events),
    };
  }
}
