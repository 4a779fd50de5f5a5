import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UNSUBSCRIBES } from '@veche/contracts';
import type { ChannelState } from '../hub/channel-state.ts';
import { Filler } from '../hub/filler.ts';
import { Subscriber } from '../subscribe/subscriber.ts';

/** Subscribers of a lost channel that are told at once: they come back without any delay, so all together would be a storm. */
const PACE = 50;
const PACE_MS = 100;

/** Tells the subscribers of a channel whose position was lost: they subscribe again and resume, or learn of the new epoch. */
@Injectable()
export class LostChannels implements OnModuleInit {
  constructor(
    private readonly filler: Filler,
    private readonly subscriber: Subscriber,
  ) {}

  onModuleInit(): void {
    this.filler.onLost = (state) => void this.tell(state);
  }

  private async tell(state: ChannelState): Promise<void> {
    const subscriptions = [...state.groups.all()];
    for (let at = 0; at < subscriptions.length; at += PACE) {
      for (const subscription of subscriptions.slice(at, at + PACE)) this.subscriber.end(subscription, UNSUBSCRIBES.insufficient_state);
      if (at + PACE < subscriptions.length) await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  }
}
