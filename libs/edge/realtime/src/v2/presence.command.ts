import { Injectable } from '@nestjs/common';
import { Grants } from '../grants/grants.ts';
import { Presence } from '../presence/presence.ts';
import type { Session } from '../session/session.ts';
import { isSubscribed } from '../session/subscriptions.ts';
import { type Command, reply } from './codec.ts';
import type { CommandRunner } from './command-runner.ts';
import { channelOf } from './fields.ts';

@Injectable()
export class PresenceCommand implements CommandRunner {
  readonly method = 'presence';

  constructor(
    private readonly grants: Grants,
    private readonly presence: Presence,
  ) {}

  async run(session: Session, { id, params }: Command): Promise<void> {
    const channel = channelOf(params);
    const grant = await this.grants.require(session.identity, channel, 'presence', isSubscribed(session, channel));
    const present = await this.presence.list(channel, grant);
    session.send(reply(id, 'presence', JSON.stringify({ presence: Object.fromEntries(present.map((info) => [info.client, info])) })));
  }
}

@Injectable()
export class PresenceStatsCommand implements CommandRunner {
  readonly method = 'presence_stats';

  constructor(
    private readonly grants: Grants,
    private readonly presence: Presence,
  ) {}

  /** Zeros are written: clients read them unchecked. */
  async run(session: Session, { id, params }: Command): Promise<void> {
    const channel = channelOf(params);
    const grant = await this.grants.require(session.identity, channel, 'presence', isSubscribed(session, channel));
    const { clients, users } = await this.presence.stats(channel, grant);
    session.send(reply(id, 'presence_stats', `{"num_clients":${clients},"num_users":${users}}`));
  }
}
