import { Injectable } from '@nestjs/common';
import { DeleteMessage, MessageDeleted } from '@veche/contracts';
import type { CommandBatch, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { Activity } from '../activity/activity.ts';
import { appended } from '../decision.ts';
import { project } from '../projection/project.ts';
import { threadEvents } from '../projection/thread-event.ts';
import { mayDelete } from './message.rules.ts';
import { targetsOf } from './message-state.repository.ts';

@Injectable()
export class DeleteMessageHandler {
  constructor(private readonly activity: Activity) {}

  @CommandHandler(DeleteMessage)
  async delete(batch: CommandBatch<DeleteMessage>): Promise<Verdict> {
    const { threads, messages } = await targetsOf(batch);
    return {
      decisions: batch.commands.map(({ channel, envelope: { actor, data } }) => {
        const message = messages.in(channel.id, data.message_id);
        const ruling = mayDelete(threads.get(channel.id)?.roles.get(actor), message, actor);
        if (ruling) return ruling;
        if (message) message.deleted = true;
        return appended(MessageDeleted, { message_id: data.message_id });
      }),
      project: (events) => project(batch.tx, threadEvents(batch, events)),
      signals: (events) => this.activity.note(threadEvents(batch, events)),
    };
  }
}
