import { Injectable } from '@nestjs/common';
import { type AnswerOf, type DataOf, ListNotices, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { listNotices } from './notice-list.repository.ts';

@Injectable()
export class ListNoticesHandler {
  constructor(private readonly database: Database) {}

  @RequestHandler(ListNotices)
  async list({ user, limit, after }: DataOf<typeof ListNotices>): Promise<AnswerOf<typeof ListNotices>> {
    const page = await listNotices(this.database, user, after === undefined ? Number.MAX_SAFE_INTEGER : seqOf(after), limit);
    const last = page.notices.length === limit ? page.notices.at(-1) : undefined;
    return { ...page, next: last ? String(last.seq) : null };
  }
}

function seqOf(next: string): number {
  if (!/^\d{1,15}$/.test(next)) throw new VecheError('bad_request', 'after: give `next` of the page before');
  return Number(next);
}
