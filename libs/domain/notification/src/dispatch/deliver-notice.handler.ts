import { Injectable } from '@nestjs/common';
import { DeliverNotice, VecheError } from '@veche/contracts';
import { WorkHandler } from '@veche/platform-messaging';
import { Dispatcher } from './dispatcher.ts';

/** What an inbox refused, tried again by the ladder of work; then it is a dead letter that says why, to be redriven with the same key. */
@Injectable()
export class DeliverNoticeHandler {
  constructor(private readonly dispatcher: Dispatcher) {}

  @WorkHandler(DeliverNotice)
  async deliver(notice: DeliverNotice): Promise<void> {
    const reply = await this.dispatcher.send(notice);
    if (!reply.ok) throw new VecheError(reply.error, reply.message);
  }
}
