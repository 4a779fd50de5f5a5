import { Injectable } from '@nestjs/common';
import { MemberRoleChanged, SetRole } from '@veche/contracts';
import type { CommandBatch, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended } from '../decision.ts';
import { project } from '../projection/project.ts';
import { dataOf, threadEvents } from '../projection/thread-event.ts';
import { decide, membershipSignal } from './decide.ts';
import { changedRole, maySetRole } from './membership.rules.ts';
import { standingsOf } from './standing.repository.ts';

@Injectable()
export class SetRoleHandler {
  @CommandHandler(SetRole)
  async set(batch: CommandBatch<SetRole>): Promise<Verdict> {
    return {
      decisions: decide(batch.commands, await standingsOf(batch, ({ user }) => [user]), {
        rule: (standing, { envelope: { actor, data } }) => maySetRole(standing, actor, data.user, data.role),
        apply: (standing, { envelope: { data } }) => {
          changedRole(standing, data.user, data.role);
          return appended(MemberRoleChanged, { user: data.user, role: data.role });
        },
      }),
      project: (events) => project(batch.tx, threadEvents(batch, events)),
      signals: (events) =>
        events.map((event) => [event, dataOf(MemberRoleChanged, event)] as const).map(([event, { user, role }]) => membershipSignal(event, user, role)),
    };
  }
}
