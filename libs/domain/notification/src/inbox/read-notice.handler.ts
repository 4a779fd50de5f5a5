import { Injectable } from '@nestjs/common';
import { NoticeRead, ReadNotice } from '@veche/contracts';
import type { CommandBatch, Decision, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended } from '../decision.ts';
import { inboxOf, mayRead, userOf } from './inbox.rules.ts';
import { namedNotices } from './inbox.repository.ts';
import { project } from './project.ts';

@Injectable()
export class ReadNoticeHandler {
  @CommandHandler(ReadNotice)
  async read({ commands, tx }: CommandBatch<ReadNotice>): Promise<Verdict> {
    const inboxes = commands.map(({ channel, envelope }) => inboxOf(channel.name, envelope.actor));
    const rows = await namedNotices(
      tx,
      commands.map(({ envelope: { data } }, place) => ({ user: userOf(inboxes[place]), notice: data.notice_id })),
    );
    const done = new Set<string>();
    const fewer = new Map<string, number>();
    return {
      decisions: commands.map(({ channel, envelope: { data } }, place): Decision => {
        const [inbox, row] = [inboxes[place]!, rows[place]!];
        if ('refuse' in inbox) return inbox;
        const ruling = mayRead(row.read === null ? undefined : { read: row.read || done.has(data.notice_id) });
        if (ruling) return ruling;
        done.add(data.notice_id);
        const read = (fewer.get(channel.name) ?? 0) + 1;
        fewer.set(channel.name, read);
        return appended(NoticeRead, { notice_id: data.notice_id, unread: row.unread - read });
      }),
      project: (events) => project(tx, events),
    };
  }
}
