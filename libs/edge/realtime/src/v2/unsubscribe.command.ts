import { Injectable } from '@nestjs/common';
import type { Session } from '../session/session.ts';
import { find } from '../session/subscriptions.ts';
import { Subscriber } from '../subscribe/subscriber.ts';
import { type Command, reply } from './codec.ts';
import type { CommandRunner } from './command-runner.ts';
import { channelOf } from './fields.ts';

@Injectable()
export class UnsubscribeCommand implements CommandRunner {
  readonly method = 'unsubscribe';

  constructor(private readonly subscriber: Subscriber) {}

  /** Succeeds even if there is nothing to end: an error would make the client reconnect. */
  run(session: Session, { id, params }: Command): void {
    const subscription = find(session, channelOf(params));
    if (subscription) this.subscriber.end(subscription);
    session.send(reply(id, 'unsubscribe', '{}'));
  }
}
