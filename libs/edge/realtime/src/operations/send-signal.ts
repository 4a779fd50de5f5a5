import { Inject, Injectable } from '@nestjs/common';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import type { Caller } from '../door.ts';
import { Grants } from '../grants/grants.ts';
import { Limits } from '../limits/limits.ts';

/** Puts a user's signal on the fan-out: never stored, never queued. */
@Injectable()
export class SendSignal {
  constructor(
    @Inject(EVENT_BUS) private readonly events: EventBus,
    private readonly grants: Grants,
    private readonly limits: Limits,
  ) {}

  /**
   * A signal within three seconds of the last one is taken and dropped: what it says is on the screens already,
   * and an error would only make every client handle one.
   * @throws VecheError `permission_denied` when the user may not publish on the channel.
   */
  async send(kind: string, channel: string, caller: Caller): Promise<Record<string, never>> {
    await this.grants.require({ user: caller.user, caps: [] }, channel, 'publish');
    if (this.limits.typing(caller.user, channel)) this.events.signal([{ channel, kind, actor: caller.user, data: '{}', meta: null }]);
    return {};
  }
}
