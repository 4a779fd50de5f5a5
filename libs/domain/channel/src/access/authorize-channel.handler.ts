import { Injectable } from '@nestjs/common';
import { AuthorizeChannel, AuthorizeChannels, type DataOf, type Grant, type GrantOutcomes, parseChannel, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Namespaces } from '../namespace/namespaces.ts';
import { authorize } from './grant.rules.ts';

@Injectable()
export class AuthorizeChannelHandler {
  constructor(private readonly namespaces: Namespaces) {}

  @RequestHandler(AuthorizeChannel)
  async authorize(query: DataOf<typeof AuthorizeChannel>): Promise<Grant> {
    return this.decide(query);
  }

  @RequestHandler(AuthorizeChannels)
  async authorizeMany({ asks }: DataOf<typeof AuthorizeChannels>): Promise<GrantOutcomes> {
    return { outcomes: asks.map((query) => this.outcome(query)) };
  }

  private decide({ channel, subject }: DataOf<typeof AuthorizeChannel>): Grant {
    const parsed = parseChannel(channel);
    if (!parsed) throw new VecheError('unknown_channel');
    return authorize(this.namespaces, parsed, subject);
  }

  /** One that is refused must not cost the others their answers. */
  private outcome(query: DataOf<typeof AuthorizeChannel>): GrantOutcomes['outcomes'][number] {
    try {
      return { grant: this.decide(query) };
    } catch (error) {
      if (!(error instanceof VecheError)) throw error;
      return { error: error.error, message: error.message };
    }
  }
}
