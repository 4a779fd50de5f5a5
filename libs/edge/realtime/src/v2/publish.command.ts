import { Injectable } from '@nestjs/common';
import { oneLine } from '../delivery/documents.ts';
import { rawMember } from '../json-slice.ts';
import { Publisher } from '../publish/publisher.ts';
import type { Session } from '../session/session.ts';
import { type Command, ProtocolViolation, reply } from './codec.ts';
import type { CommandRunner } from './command-runner.ts';
import { channelOf } from './fields.ts';

@Injectable()
export class PublishCommand implements CommandRunner {
  readonly method = 'publish';

  constructor(private readonly publisher: Publisher) {}

  async run(session: Session, { id, params, text }: Command): Promise<void> {
    const channel = channelOf(params);
    const data = rawMember(text, 'publish', 'data');
    if (data === undefined) throw new ProtocolViolation('no data');
    await this.publisher.publish(session, channel, oneLine(data));
    session.send(reply(id, 'publish', '{}'));
  }
}
