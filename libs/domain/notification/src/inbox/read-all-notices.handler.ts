import { Injectable } from '@nestjs/common';
import { AllNoticesRead, ReadAllNotices } from '@veche/contracts';
import type { CommandBatch, Decision, OwnedCommand, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended } from '../decision.ts';
import { Clearing, inboxOf, userOf } from './inbox.rules.ts';
import { unreadThrough } from './inbox.repository.ts';
import { project } from './project.ts';

/** Never beyond the end of the inbox: notices that are still to come were not seen. */
const throughOf = ({ channel, envelope: { data } }: OwnedCommand<ReadAllNotices>): number => Math.min(data.through ?? channel.last_seq, channel.last_seq);

@Injectable()
export class ReadAllNoticesHandler {
  @CommandHandler(ReadAllNotices)
  async readAll({ commands, tx }: CommandBatch<ReadAllNotices>): Promise<Verdict> {
    const inboxes = commands.map(({ channel, envelope }) => inboxOf(channel.name, envelope.actor));
    const rows = await unreadThrough(
      tx,
      commands.map((command, place) => ({ user: userOf(inboxes[place]), through: throughOf(command) })),
    );
    const clearings = new Map<string, Clearing>();
    const cleared = new Map<string, number>();
    return {
      decisions: commands.map((command, place): Decision => {
        const [inbox, row, { name }] = [inboxes[place]!, rows[place]!, command.channel];
        if ('refuse' in inbox) return inbox;
        const clearing = clearings.get(name) ?? new Clearing();
        clearings.set(name, clearing);
        const count = clearing.upTo(throughOf(command), row.upTo);
        if (count === 0) return 'unchanged';
        const read = (cleared.get(name) ?? 0) + count;
        cleared.set(name, read);
        return appended(AllNoticesRead, { through: throughOf(command), unread: row.unread - read });
      }),
      project: (events) => project(tx, events),
    };
  }
}
