import { Inject, Injectable } from '@nestjs/common';
import { MuteThread, ThreadMuted } from '@veche/contracts';
import type { CommandBatch, Decision, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended } from '../decision.ts';
import { type NotificationConfig, notificationConfig } from '../notification.config.ts';
import { inboxOf, mayMute, userOf } from './inbox.rules.ts';
import { mutes } from './preferences.repository.ts';
import { project } from './project.ts';

@Injectable()
export class MuteThreadHandler {
  constructor(@Inject(notificationConfig.token) private readonly config: Pick<NotificationConfig, 'NOTIFICATION_MAX_MUTED'>) {}

  @CommandHandler(MuteThread)
  async mute({ commands, tx }: CommandBatch<MuteThread>): Promise<Verdict> {
    const inboxes = commands.map(({ channel, envelope }) => inboxOf(channel.name, envelope.actor));
    const rows = await mutes(
      tx,
      commands.map(({ envelope: { data } }, place) => ({ user: userOf(inboxes[place]), thread: data.thread })),
    );
    const wished = new Map<string, boolean>();
    const more = new Map<string, number>();
    return {
      decisions: commands.map(({ channel, envelope: { data } }, place): Decision => {
        const [inbox, row] = [inboxes[place]!, rows[place]!];
        if ('refuse' in inbox) return inbox;
        const key = `${channel.name} ${data.thread}`;
        const added = more.get(channel.name) ?? 0;
        const ruling = mayMute(wished.get(key) ?? row.muted, data.muted, row.mutes + added, this.config.NOTIFICATION_MAX_MUTED);
        if (ruling) return ruling;
        wished.set(key, data.muted);
        more.set(channel.name, added + (data.muted ? 1 : -1));
        return appended(ThreadMuted, { thread: data.thread, muted: data.muted });
      }),
      project: (events) => project(tx, events),
    };
  }
}
