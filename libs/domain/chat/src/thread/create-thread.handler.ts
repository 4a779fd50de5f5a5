import { Inject, Injectable } from '@nestjs/common';
import { CreateThread, ThreadCreated } from '@veche/contracts';
import type { CommandBatch, Decision, OwnedCommand, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { chatConfig, type ChatConfig } from '../chat.config.ts';
import { appended } from '../decision.ts';
import { project } from '../projection/project.ts';
import { dataOf, threadEvents } from '../projection/thread-event.ts';
import { membershipSignal } from './decide.ts';
import { foundingMembers, mayCreate } from './membership.rules.ts';
import { standingsOf } from './standing.repository.ts';

@Injectable()
export class CreateThreadHandler {
  constructor(@Inject(chatConfig.token) private readonly config: ChatConfig) {}

  @CommandHandler(CreateThread)
  async create(batch: CommandBatch<CreateThread>): Promise<Verdict> {
    const existing = new Set((await standingsOf(batch)).keys());
    return {
      decisions: batch.commands.map((command) => this.decide(command, existing)),
      project: (events) => project(batch.tx, threadEvents(batch, events)),
      signals: (events) => events.flatMap((event) => dataOf(ThreadCreated, event).members.map(({ user, role }) => membershipSignal(event, user, role))),
    };
  }

  private decide({ channel, envelope }: OwnedCommand<CreateThread>, existing: Set<string>): Decision {
    const members = foundingMembers(envelope.actor, envelope.data.members);
    const ruling = mayCreate(envelope.actor, existing.has(channel.id), members.length, this.config.CHAT_MAX_MEMBERS);
    if (ruling) return ruling;
    existing.add(channel.id);
    return appended(ThreadCreated, { title: envelope.data.title, members });
  }
}
