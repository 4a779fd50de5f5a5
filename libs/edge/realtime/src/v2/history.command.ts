import { Injectable } from '@nestjs/common';
import { publication } from '../delivery/documents.ts';
import { Grants } from '../grants/grants.ts';
import { History } from '../history/history.ts';
import type { Session } from '../session/session.ts';
import { isSubscribed } from '../session/subscriptions.ts';
import { type Command, reply } from './codec.ts';
import type { CommandRunner } from './command-runner.ts';
import { channelOf, flag, object, seqOf, text, whole } from './fields.ts';

@Injectable()
export class HistoryCommand implements CommandRunner {
  readonly method = 'history';

  constructor(
    private readonly grants: Grants,
    private readonly history: History,
  ) {}

  async run(session: Session, { id, params }: Command): Promise<void> {
    const channel = channelOf(params);
    const since = object(params, 'since');
    const query = {
      limit: whole(params, 'limit'),
      reverse: flag(params, 'reverse'),
      since: since && { epoch: text(since, 'epoch'), seq: seqOf(since) },
    };
    const grant = await this.grants.require(session.identity, channel, 'history', isSubscribed(session, channel));
    const { publications, epoch, offset } = await this.history.page(channel, grant, query);
    await this.grants.confirm(session.identity, { channel, events: publications }, 'history', isSubscribed(session, channel));
    session.send(reply(id, 'history', `{"publications":[${publications.map(publication).join(',')}],"epoch":"${epoch}","offset":${offset}}`));
  }
}
