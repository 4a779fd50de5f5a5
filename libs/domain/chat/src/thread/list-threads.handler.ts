import { Injectable } from '@nestjs/common';
import { type AnswerOf, type DataOf, ListThreads, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { type ListPosition, listThreads } from './thread-list.repository.ts';

@Injectable()
export class ListThreadsHandler {
  constructor(private readonly database: Database) {}

  @RequestHandler(ListThreads)
  async list({ user, limit, after }: DataOf<typeof ListThreads>): Promise<AnswerOf<typeof ListThreads>> {
    const { threads, end } = await listThreads(this.database, user, limit, after === undefined ? undefined : positionOf(after));
    return { threads, next: end && `${end.updated_ts}.${end.thread}` };
  }
}

function positionOf(next: string): ListPosition {
  const [updated_ts, thread] = (/^(\d{1,15})\.(\d{1,15})$/.exec(next) ?? []).slice(1).map(Number);
  if (updated_ts === undefined || thread === undefined) throw new VecheError('bad_request', 'after: give `next` of the page before');
  return { updated_ts, thread };
}
