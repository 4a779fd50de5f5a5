import { Inject, Injectable } from '@nestjs/common';
import { type ClientInfo, type Grant, VecheError } from '@veche/contracts';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { type PresenceStats, PresenceStore } from './presence-store.ts';

/** Answers who is on a channel, for doors and REST. The caller has checked the right to know. */
@Injectable()
export class Presence {
  constructor(
    private readonly store: PresenceStore,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_PRESENCE_LIST'>,
  ) {}

  /** @throws VecheError not_available when the channel keeps no presence, or too many are there for a list. */
  async list(channel: string, { options }: Grant): Promise<readonly ClientInfo[]> {
    requirePresence(options.presence);
    if (options.presence_mode === 'edge') {
      const { clients } = await this.store.stats(channel);
      if (clients > this.config.GATEWAY_PRESENCE_LIST)
        throw new VecheError('not_available', `more than ${this.config.GATEWAY_PRESENCE_LIST} are present: ask for presence_stats`);
    }
    return this.store.list(channel);
  }

  async stats(channel: string, { options }: Grant): Promise<PresenceStats> {
    requirePresence(options.presence);
    return this.store.stats(channel);
  }
}

function requirePresence(kept: boolean): void {
  if (!kept) throw new VecheError('not_available', 'the channel keeps no presence');
}
