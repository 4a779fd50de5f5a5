import { Injectable } from '@nestjs/common';
import { MemberRemoved, RemoveMember } from '@veche/contracts';
import type { CommandBatch, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended } from '../decision.ts';
import { project } from '../projection/project.ts';
import { dataOf, threadEvents } from '../projection/thread-event.ts';
import { decide, membershipSignal } from './decide.ts';
import { left, mayRemove } from './membership.rules.ts';
import { standingsOf } from './standing.repository.ts';

/** The event itself cuts the live subscriptions of whoever is removed: gateways act on it before anything later in the thread. */
@Injectable()
export class RemoveMemberHandler {
  @CommandHandler(RemoveMember)
  async remove(batch: CommandBatch<RemoveMember>): Promise<Verdict> {
    return {
      decisions: decide(batch.commands, await standingsOf(batch, ({ user }) => [user]), {
        rule: (standing, { envelope: { actor, data } }) => mayRemove(standing, actor, data.user),
        apply: (standing, { envelope: { data } }) => {
          left(standing, data.user);
          return appended(MemberRemoved, { user: data.user });
        },
      }),
      project: (events) => project(batch.tx, threadEvents(batch, events)),
      signals: (events) => events.map((event) => membershipSignal(event, dataOf(MemberRemoved, event).user, null)),
    };
  }
}
