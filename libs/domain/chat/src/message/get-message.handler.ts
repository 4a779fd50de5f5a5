import { Injectable } from '@nestjs/common';
import { type ChatMessage, type DataOf, GetMessage, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { messageOf } from './history.repository.ts';

@Injectable()
export class GetMessageHandler {
  constructor(private readonly database: Database) {}

  @RequestHandler(GetMessage)
  async get({ channel, user, message_id }: DataOf<typeof GetMessage>): Promise<ChatMessage> {
    const message = await messageOf(this.database, channel, user, message_id);
    if (message === undefined) throw new VecheError('permission_denied');
    if (message === null) throw new VecheError('not_found', 'no such message in this thread');
    return message;
  }
}
