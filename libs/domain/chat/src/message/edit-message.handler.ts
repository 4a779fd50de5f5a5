import { Injectable } from '@nestjs/common';
import { EditMessage, MessageEdited } from '@veche/contracts';
import type { CommandBatch, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { Activity } from '../activity/activity.ts';
import { appended } from '../decision.ts';
import { project } from '../projection/project.ts';
import { threadEvents } from '../projection/thread-event.ts';
import { mayEdit } from './message.rules.ts';
import { targetsOf } from './message-state.repository.ts';

@Injectable()
export class EditMessageHandler {
  constructor(private readonly activity: Activity) {}

  @CommandHandler(EditMessage)
  async edit(batch: CommandBatch<EditMessage>): Promise<Verdict> {
    const { threads, messages } = await targetsOf(batch);
    return {
      decisions: batch.commands.map(({ channel, envelope: { actor, data } }) => {
        const message = messages.in(channel.id, data.message_id);
        const ruling = mayEdit(threads.get(channel.id)?.roles.get(actor), message, actor, data.text);
        if (ruling) return ruling;
        if (message) message.text = data.text;
        return appended(MessageEdited, { message_id: data.message_id, text: data.text });
      }),
      project: (events) => project(batch.tx, threadEvents(batch, events)),
      signals: (events) => this.activity.note(threadEvents(batch, events)),
    };
  }
}
