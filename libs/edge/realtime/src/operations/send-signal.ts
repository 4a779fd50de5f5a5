import { Inject, Injectable } from '@nestjs/common';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import type { Caller } from '../door.ts';
import { CHANNEL_GRANTS, type ChannelGrants } from './ports.ts';
import { Recently } from './recently.ts';

/** Milliseconds between two signals of one kind by one user on one channel. */
export const SIGNAL_INTERVAL_MS = 3_000;

/** Puts a user's signal on the fan-out: never stored, never queued. */
@Injectable()
export class SendSignal {
  private readonly recently = new Recently(SIGNAL_INTERVAL_MS);

  constructor(
    @Inject(EVENT_BUS) private readonly events: EventBus,
    @Inject(CHANNEL_GRANTS) private readonly grants: ChannelGrants,
  ) {}

  /**
   * A signal within the interval of the last one is taken and dropped: what it says is on the screens already,
   * and an error would only make every client handle one.
   * @throws VecheError `permission_denied` when the user may not publish on the channel.
   */
  async send(kind: string, channel: string, caller: Caller): Promise<Record<string, never>> {
    await this.grants.require(channel, caller.user, 'publish');
    if (this.recently.first(`${kind} ${channel} ${caller.user}`)) this.events.signal([{ channel, kind, actor: caller.user, data: '{}', meta: null }]);
    return {};
  }
}
