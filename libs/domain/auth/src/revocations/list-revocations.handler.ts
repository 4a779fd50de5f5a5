import { Injectable } from '@nestjs/common';
import { type AnswerOf, type DataOf, ListRevocations } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { RevocationsRepository } from './revocations.repository.ts';

@Injectable()
export class ListRevocationsHandler {
  constructor(private readonly repository: RevocationsRepository) {}

  @RequestHandler(ListRevocations)
  async list({ after }: DataOf<typeof ListRevocations>): Promise<AnswerOf<typeof ListRevocations>> {
    const revocations = await this.repository.after(after);
    const last = revocations.at(-1)?.seq ?? Math.min(after, await this.repository.top());
    return { revocations, last };
  }
}
