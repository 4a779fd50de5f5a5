import { Injectable } from '@nestjs/common';
import { type DataOf, ListMessages, type MessagePage, VecheError } from '@veche/contracts';
import { EventLog } from '@veche/event-log';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { history } from './history.repository.ts';

@Injectable()
export class ListMessagesHandler {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  @RequestHandler(ListMessages)
  async list(query: DataOf<typeof ListMessages>): Promise<MessagePage> {
    // Asked apart from the page without harm: an epoch changes only when the database was restored, and then nobody reads.
    const [page, position] = await Promise.all([history(this.database, query), this.log.position(query.channel)]);
    if (!page || !position) throw new VecheError('permission_denied');
    return { messages: page.messages, epoch: position.epoch, last_seq: page.last_seq };
  }
}
