import { Injectable } from '@nestjs/common';
import { FollowEvent } from '@veche/contracts';
import { WorkHandler } from '@veche/platform-messaging';
import { Round } from './round.ts';

@Injectable()
export class FollowEventHandler {
  constructor(private readonly round: Round) {}

  @WorkHandler(FollowEvent)
  follow({ channel, seq }: FollowEvent): Promise<void> {
    return this.round.again(channel, seq);
  }
}
