import { Inject, Injectable } from '@nestjs/common';
import { MessageReacted, React } from '@veche/contracts';
import type { CommandBatch, Decision, OwnedCommand, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { chatConfig, type ChatConfig } from '../chat.config.ts';
import { appended } from '../decision.ts';
import { project } from '../projection/project.ts';
import { threadEvents } from '../projection/thread-event.ts';
import { mayReact, reacted } from './message.rules.ts';
import { loadReactions, type Targets, targetsOf } from './message-state.repository.ts';

@Injectable()
export class ReactHandler {
  constructor(@Inject(chatConfig.token) private readonly config: ChatConfig) {}

  @CommandHandler(React)
  async react(batch: CommandBatch<React>): Promise<Verdict> {
    const targets = await targetsOf(batch);
    await loadReactions(batch, targets.messages);
    return {
      decisions: batch.commands.map((command) => this.decide(command, targets)),
      project: (events) => project(batch.tx, threadEvents(batch, events)),
    };
  }

  private decide({ channel, envelope: { actor, data } }: OwnedCommand<React>, { threads, messages }: Targets): Decision {
    const message = messages.in(channel.id, data.message_id);
    const ruling = mayReact(threads.get(channel.id)?.roles.get(actor), message, actor, data, this.config.CHAT_MAX_REACTIONS);
    if (ruling) return ruling;
    if (message) reacted(message, actor, data);
    return appended(MessageReacted, { message_id: data.message_id, reaction: data.reaction, removed: data.remove });
  }
}
