import { Injectable } from '@nestjs/common';
import { MessageSent, SendMessage } from '@veche/contracts';
import type { CommandBatch, Decision, OwnedCommand, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { Activity } from '../activity/activity.ts';
import { appended } from '../decision.ts';
import { project } from '../projection/project.ts';
import { threadEvents } from '../projection/thread-event.ts';
import { maySend } from './message.rules.ts';
import { type SendingState, sendingStates } from './sending.repository.ts';

/** The hot path: two statements beside the append, whatever the size of the batch. */
@Injectable()
export class SendMessageHandler {
  constructor(private readonly activity: Activity) {}

  @CommandHandler(SendMessage)
  async send(batch: CommandBatch<SendMessage>): Promise<Verdict> {
    const senders = batch.commands.map(({ channel, envelope }) => ({ thread: channel.id, user: envelope.actor, reply_to: envelope.data.reply_to ?? null }));
    const states = await sendingStates(batch.tx, senders);
    const numbers = new Numbering();
    return {
      decisions: batch.commands.map((command, place) => decide(command, states[place], numbers)),
      project: (events) => project(batch.tx, threadEvents(batch, events)),
      signals: (events) => this.activity.note(threadEvents(batch, events)),
    };
  }
}

function decide({ channel, envelope: { data } }: OwnedCommand<SendMessage>, state: SendingState | undefined, numbers: Numbering): Decision {
  const refusal = maySend(state?.role, state?.replyFound ?? false);
  return refusal ?? appended(MessageSent, { text: data.text, number: numbers.next(channel.id, state?.last_number ?? 0), ...rest(data, state?.replyActor) });
}

const rest = ({ reply_to, attachments }: SendMessage, reply_to_actor: string | undefined): Omit<MessageSent, 'text' | 'number'> => ({
  ...(reply_to !== undefined && { reply_to }),
  ...(reply_to_actor !== undefined && { reply_to_actor }),
  ...(attachments !== undefined && { attachments }),
});

/** 1, 2, 3 … in each thread. Safe because the thread's channel is locked from the reading of the last number to the commit. */
class Numbering {
  private readonly last = new Map<string, number>();

  next(thread: string, stored: number): number {
    const number = (this.last.get(thread) ?? stored) + 1;
    this.last.set(thread, number);
    return number;
  }
}
