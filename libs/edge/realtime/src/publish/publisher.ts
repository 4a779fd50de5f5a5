import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Publish, PUBLISHED_SIGNAL, VecheError } from '@veche/contracts';
import { COMMAND_BUS, type CommandBus, deadlineIn, EVENT_BUS, type EventBus, type MessagingConfig, messagingConfig } from '@veche/platform-messaging';
import { Grants } from '../grants/grants.ts';
import { Limits } from '../limits/limits.ts';
import { clientInfo } from '../presence/client-info.ts';
import type { Session } from '../session/session.ts';
import { find, isSubscribed } from '../session/subscriptions.ts';

/** What a client publishes itself: an event where the channel keeps a history, a signal elsewhere. */
@Injectable()
export class Publisher {
  // allowed: size: two ways to publish, and what must allow it
  constructor(
    @Inject(COMMAND_BUS) private readonly commands: CommandBus,
    @Inject(EVENT_BUS) private readonly events: EventBus,
    private readonly grants: Grants,
    private readonly limits: Limits,
    @Inject(messagingConfig.token) private readonly config: Pick<MessagingConfig, 'RPC_TIMEOUT_MS'>,
  ) {}

  /**
   * @param json the data's JSON text without raw line breaks, carried as it is.
   * @throws VecheError permission_denied, too_many_requests, outcome_unknown …
   */
  async publish(session: Session, channel: string, json: string): Promise<void> {
    await this.limits.countMessage(session.user || session.client);
    const subscription = find(session, channel);
    const subscribed = isSubscribed(session, channel);
    const { options } = await this.grants.require(session.identity, channel, 'publish', subscribed);
    const meta = JSON.stringify({ info: clientInfo(session, subscription?.info) });
    if (options.publications === 'signals') this.events.signal([{ channel, kind: PUBLISHED_SIGNAL, actor: session.user, data: json, meta }]);
    else await this.append(session, channel, { json, caps: session.identity.caps, subscribed }, meta);
  }

  private async append(session: Session, channel: string, data: Publish, meta: string): Promise<void> {
    const reply = await this.commands.send({
      kind: Publish.kind,
      channel,
      actor: session.user,
      command_id: randomUUID(),
      data,
      meta,
      deadline: deadlineIn(this.config.RPC_TIMEOUT_MS),
    });
    if (!reply.ok) throw new VecheError(reply.error, reply.message, [], reply.retry_after_ms);
  }
}
