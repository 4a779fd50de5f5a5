import { Injectable } from '@nestjs/common';
import { Notified, Notify } from '@veche/contracts';
import type { CommandBatch, Decision, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended } from '../decision.ts';
import { NotificationTelemetry } from '../notification.telemetry.ts';
import { inboxForNotifier, mayNotify, userOf } from './inbox.rules.ts';
import { recipients } from './inbox.repository.ts';
import { project } from './project.ts';

/** The last word on whether a notice is given: here wishes and reading cannot change meanwhile. */
@Injectable()
export class NotifyHandler {
  constructor(private readonly telemetry: NotificationTelemetry) {}

  @CommandHandler(Notify)
  async notify({ commands, tx }: CommandBatch<Notify>): Promise<Verdict> {
    const inboxes = commands.map(({ channel, envelope }) => inboxForNotifier(channel.name, envelope.actor));
    const rows = await recipients(
      tx,
      commands.map(({ envelope: { data } }, place) => ({ user: userOf(inboxes[place]), thread: data.thread, threadSeq: data.thread_seq })),
    );
    const badges = new Map<string, number>();
    return {
      decisions: commands.map(({ channel, envelope: { data } }, place): Decision => {
        const [inbox, row] = [inboxes[place]!, rows[place]!];
        const ruling = 'user' in inbox ? mayNotify(row, data.kind, data.thread_seq) : inbox;
        if (ruling) return ruling;
        const unread = (badges.get(channel.name) ?? row.unread) + 1;
        badges.set(channel.name, unread);
        return appended(Notified, { ...data, unread });
      }),
      project: (events) => project(tx, events),
      signals: (events) => this.telemetry.noticesGiven(events),
    };
  }
}
