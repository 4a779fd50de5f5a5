import { Injectable } from '@nestjs/common';
import { type AnswerOf, type Channel, type DataOf, OpenChannel, parseChannel, VecheError } from '@veche/contracts';
import { EventLog } from '@veche/event-log';
import { RequestHandler } from '@veche/platform-messaging';
import { hasHistory } from '../namespace/namespace.rules.ts';
import { Namespaces } from '../namespace/namespaces.ts';

/** Asked behind a permitted subscribe, so that a subscriber of an empty channel has an epoch to resume with. */
@Injectable()
export class OpenChannelHandler {
  constructor(
    private readonly namespaces: Namespaces,
    private readonly log: EventLog,
  ) {}

  @RequestHandler(OpenChannel)
  async open({ channel }: DataOf<typeof OpenChannel>): Promise<AnswerOf<typeof OpenChannel>> {
    const parsed = parseChannel(channel);
    if (!parsed || !this.isDurable(parsed)) throw new VecheError('not_available', 'the channel keeps no history');
    const { epoch, seq } = await this.log.open(channel);
    return { epoch, seq };
  }

  private isDurable(channel: Channel): boolean {
    if (channel.kind === 'user') return true;
    const options = this.namespaces.of(channel);
    return channel.kind === 'application' && options !== undefined && hasHistory(options);
  }
}
