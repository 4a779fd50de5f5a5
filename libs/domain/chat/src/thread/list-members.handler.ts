import { Injectable } from '@nestjs/common';
import { type AnswerOf, type DataOf, ListMembers, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { listMembers, type MemberPosition, roleIn } from './member.repository.ts';
import { rankOf } from './membership.rules.ts';

@Injectable()
export class ListMembersHandler {
  constructor(private readonly database: Database) {}

  @RequestHandler(ListMembers)
  async list({ user, channel, limit, after }: DataOf<typeof ListMembers>): Promise<AnswerOf<typeof ListMembers>> {
    if (!(await roleIn(this.database, channel, user))) throw new VecheError('permission_denied');
    const members = await listMembers(this.database, channel, limit, after === undefined ? { rank: -1, user: '' } : positionOf(after));
    const last = members.length === limit ? members.at(-1) : undefined;
    return { members, next: last ? `${rankOf(last.role)}.${last.user}` : null };
  }
}

function positionOf(next: string): MemberPosition {
  const [, rank, user] = /^(\d)\.([\x21-\x7e]{1,96})$/.exec(next) ?? [];
  if (rank === undefined || user === undefined) throw new VecheError('bad_request', 'after: give `next` of the page before');
  return { rank: Number(rank), user };
}
