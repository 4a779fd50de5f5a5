import { Inject, Injectable } from '@nestjs/common';
import { AddMember, MemberAdded } from '@veche/contracts';
import type { CommandBatch, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { chatConfig, type ChatConfig } from '../chat.config.ts';
import { appended } from '../decision.ts';
import { project } from '../projection/project.ts';
import { dataOf, threadEvents } from '../projection/thread-event.ts';
import { decide, membershipSignal } from './decide.ts';
import { joined, mayAdd } from './membership.rules.ts';
import { standingsOf } from './standing.repository.ts';

@Injectable()
export class AddMemberHandler {
  constructor(@Inject(chatConfig.token) private readonly config: ChatConfig) {}

  @CommandHandler(AddMember)
  async add(batch: CommandBatch<AddMember>): Promise<Verdict> {
    return {
      decisions: decide(batch.commands, await standingsOf(batch, ({ user }) => [user]), {
        rule: (standing, { envelope: { actor, data } }) => mayAdd(standing, actor, data.user, data.role, this.config.CHAT_MAX_MEMBERS),
        apply: (standing, { envelope: { data } }) => {
          joined(standing, data.user, data.role);
          return appended(MemberAdded, { user: data.user, role: data.role });
        },
      }),
      project: (events) => project(batch.tx, threadEvents(batch, events)),
      signals: (events) =>
        events.map((event) => [event, dataOf(MemberAdded, event)] as const).map(([event, { user, role }]) => membershipSignal(event, user, role)),
    };
  }
}
