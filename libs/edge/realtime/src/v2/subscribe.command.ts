import { Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import type { Session } from '../session/session.ts';
import { Subscriber } from '../subscribe/subscriber.ts';
import type { Wish } from '../subscribe/wish.ts';
import { type Command, reply } from './codec.ts';
import type { CommandRunner } from './command-runner.ts';
import { channelOf, count, flag, object, seqOf, text } from './fields.ts';
import { subscribeResult } from './subscribe-result.ts';

/** Bit 2 of `flag`: refuse rather than subscribe without what was missed. */
const OR_REFUSE = 2;

@Injectable()
export class SubscribeCommand implements CommandRunner {
  readonly method = 'subscribe';

  constructor(private readonly subscriber: Subscriber) {}

  async run(session: Session, { id, params }: Command): Promise<void> {
    const prepared = await this.subscriber.prepare(session, wishOf(params));
    session.send(reply(id, 'subscribe', subscribeResult(this.subscriber.commit(prepared))));
  }
}

function wishOf(params: Command['params']): Wish {
  const channel = channelOf(params);
  if (count(params, 'type') !== 0) throw new VecheError('not_available', 'only stream subscriptions are served');
  if (object(params, 'tf')) throw new VecheError('bad_request', 'tag filters are not served');
  return {
    channel,
    recover: flag(params, 'recover') ? { epoch: text(params, 'epoch'), seq: seqOf(params) } : undefined,
    token: text(params, 'token') || undefined,
    recoverable: flag(params, 'recoverable'),
    positioned: flag(params, 'positioned'),
    joinLeave: flag(params, 'join_leave'),
    orRefuse: (count(params, 'flag') & OR_REFUSE) !== 0,
  };
}
