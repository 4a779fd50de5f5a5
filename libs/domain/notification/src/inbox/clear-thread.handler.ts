import { Injectable } from '@nestjs/common';
import { ClearThread, ThreadCleared } from '@veche/contracts';
import type { CommandBatch, Decision, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended } from '../decision.ts';
import { Clearing, inboxForNotifier, userOf } from './inbox.rules.ts';
import { unreadInThreads } from './inbox.repository.ts';
import { project } from './project.ts';

@Injectable()
export class ClearThreadHandler {
  @CommandHandler(ClearThread)
  async clear({ commands, tx }: CommandBatch<ClearThread>): Promise<Verdict> {
    const inboxes = commands.map(({ channel, envelope }) => inboxForNotifier(channel.name, envelope.actor));
    const rows = await unreadInThreads(
      tx,
      commands.map(({ envelope: { data } }, place) => ({ user: userOf(inboxes[place]), thread: data.thread, threadSeq: data.thread_seq })),
    );
    const clearings = new Map<string, Clearing>();
    const cleared = new Map<string, number>();
    return {
      decisions: commands.map(({ channel, envelope: { data } }, place): Decision => {
        const [inbox, row] = [inboxes[place]!, rows[place]!];
        if ('refuse' in inbox) return inbox;
        const key = `${channel.name} ${data.thread}`;
        const clearing = clearings.get(key) ?? new Clearing();
        clearings.set(key, clearing);
        const count = clearing.upTo(data.thread_seq, row.upTo);
        if (count === 0) return 'unchanged';
        const read = (cleared.get(channel.name) ?? 0) + count;
        cleared.set(channel.name, read);
        return appended(ThreadCleared, { thread: data.thread, thread_seq: data.thread_seq, unread: row.unread - read });
      }),
      project: (events) => project(tx, events),
    };
  }
}
