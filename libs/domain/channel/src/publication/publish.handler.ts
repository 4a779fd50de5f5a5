import { Injectable } from '@nestjs/common';
import { parseChannel, Publish, Published } from '@veche/contracts';
import type { CommandBatch, Decision, OwnedCommand, Verdict } from '@veche/event-log';
import { CommandHandler } from '@veche/platform-messaging';
import { Namespaces } from '../namespace/namespaces.ts';
import { mayPublish } from './publication.rules.ts';

/** Decides finally about publications that become events: an edge may only refuse earlier. */
@Injectable()
export class PublishHandler {
  constructor(private readonly namespaces: Namespaces) {}

  @CommandHandler(Publish)
  async publish({ commands }: CommandBatch<Publish>): Promise<Verdict> {
    return { decisions: commands.map((command) => this.decide(command)) };
  }

  private decide({ envelope: { channel, actor, data, meta } }: OwnedCommand<Publish>): Decision {
    const parsed = parseChannel(channel);
    if (!parsed) return { refuse: 'unknown_channel', message: 'the channel has no valid name' };
    return mayPublish(this.namespaces, parsed, actor, data) ?? { append: { kind: Published.kind, data: data.json, meta } };
  }
}
