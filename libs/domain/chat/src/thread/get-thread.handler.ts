import { Injectable } from '@nestjs/common';
import { type DataOf, GetThread, type ThreadSummary, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { threadOf } from './thread-list.repository.ts';

@Injectable()
export class GetThreadHandler {
  constructor(private readonly database: Database) {}

  @RequestHandler(GetThread)
  async get({ user, channel }: DataOf<typeof GetThread>): Promise<ThreadSummary> {
    const thread = await threadOf(this.database, user, channel);
    if (!thread) throw new VecheError('permission_denied');
    return thread;
  }
}
