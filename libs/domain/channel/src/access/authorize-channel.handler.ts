import { Injectable } from '@nestjs/common';
import { AuthorizeChannel, type DataOf, type Grant, parseChannel, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Namespaces } from '../namespace/namespaces.ts';
import { authorize } from './grant.rules.ts';

@Injectable()
export class AuthorizeChannelHandler {
  constructor(private readonly namespaces: Namespaces) {}

  @RequestHandler(AuthorizeChannel)
  async authorize({ channel, subject }: DataOf<typeof AuthorizeChannel>): Promise<Grant> {
    const parsed = parseChannel(channel);
    if (!parsed) throw new VecheError('unknown_channel');
    return authorize(this.namespaces, parsed, subject);
  }
}
