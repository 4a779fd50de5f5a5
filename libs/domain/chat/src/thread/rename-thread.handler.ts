import { Injectable } from '@nestjs/common';
import { RenameThread, ThreadRenamed } from '@veche/contracts';
import type { CommandBatch, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { appended } from '../decision.ts';
import { project } from '../projection/project.ts';
import { threadEvents } from '../projection/thread-event.ts';
import { decide } from './decide.ts';
import { mayRename } from './membership.rules.ts';
import { standingsOf } from './standing.repository.ts';

@Injectable()
export class RenameThreadHandler {
  @CommandHandler(RenameThread)
  async rename(batch: CommandBatch<RenameThread>): Promise<Verdict> {
    return {
      decisions: decide(batch.commands, await standingsOf(batch), {
        rule: (standing, { envelope }) => mayRename(standing, envelope.actor),
        apply: (_standing, { envelope }) => appended(ThreadRenamed, { title: envelope.data.title }),
      }),
      project: (events) => project(batch.tx, threadEvents(batch, events)),
    };
  }
}
