import { Injectable } from '@nestjs/common';
import { DISCONNECTS, isChannelName, VecheError } from '@veche/contracts';
import { Cluster, jsonTextOf } from '@veche/edge-realtime';
import type { ParamsOf } from './api.schemas.ts';

type Session = { readonly user: string; readonly client: string; readonly session: string };

/** Bytes of a close reason that fit a WebSocket close frame. */
const MAX_REASON_BYTES = 123;

/**
 * `subscribe`, `unsubscribe`, `disconnect`, `refresh`: what a backend does to live sessions, whichever process holds them. Answered
 * once every process of the edge has done it; `outcome_unknown` (504) if one has not said so in time.
 */
@Injectable()
export class Steering {
  constructor(private readonly cluster: Cluster) {}

  async subscribe(params: ParamsOf<'subscribe'>): Promise<void> {
    requireChannel(params.channel);
    const { recover_since: since, expire_at: expiry } = params;
    if (expiry !== 0 && expiry * 1000 <= Date.now()) throw new VecheError('expired', 'expire_at is in the past');
    const override = Object.fromEntries(Object.entries(params.override ?? {}).flatMap(([name, option]) => (option ? [[name, option.value]] : [])));
    await this.cluster.steer({
      do: 'subscribe',
      ...sessionOf(params),
      channel: params.channel,
      info: jsonOf(params.info, params.b64info),
      data: jsonOf(params.data, params.b64data),
      ...(params.override && { override }),
      ...(since && { recover_since: { epoch: since.epoch, seq: since.offset } }),
      ...(expiry !== 0 && { expires_at: expiry * 1000 }),
    });
  }

  async unsubscribe(params: ParamsOf<'unsubscribe'>): Promise<void> {
    requireChannel(params.channel);
    await this.cluster.steer({ do: 'unsubscribe', ...sessionOf(params), channel: params.channel });
  }

  async disconnect(params: ParamsOf<'disconnect'>): Promise<void> {
    const { code, reason } = params.disconnect ?? DISCONNECTS.force_no_reconnect;
    if (code < 3000 || code > 4999)
      throw new VecheError('bad_request', 'disconnect.code must be from 3000 to 4999: below 3500 and from 4000 to 4499 the client comes back');
    if (Buffer.byteLength(reason) > MAX_REASON_BYTES || isJson(reason))
      throw new VecheError(
        'bad_request',
        `disconnect.reason must be text of at most ${MAX_REASON_BYTES} bytes that is not JSON: clients would read JSON as advice`,
      );
    await this.cluster.steer({ do: 'disconnect', ...sessionOf(params), code, reason, ...(params.whitelist.length && { whitelist: params.whitelist }) });
  }

  async refresh(params: ParamsOf<'refresh'>): Promise<void> {
    if (!params.expired) throw new VecheError('not_available', 'a session is prolonged by its client with a new token; expired: true ends it');
    const { code, reason } = DISCONNECTS.expired;
    await this.cluster.steer({ do: 'disconnect', ...sessionOf(params), code, reason });
  }
}

function sessionOf({ user, client, session }: Session): { user: string; client?: string; session?: string } {
  if (!user) throw new VecheError('bad_request', 'user is missing');
  return { user, ...(client && { client }), ...(session && { session }) };
}

/** @throws VecheError `bad_request` for base64 of something else than JSON */
function jsonOf(value: unknown, base64: string): unknown {
  return base64 ? (JSON.parse(jsonTextOf(Buffer.from(base64, 'base64'))) as unknown) : value;
}

function requireChannel(channel: string): void {
  if (!channel) throw new VecheError('bad_request', 'channel is missing');
  if (!isChannelName(channel)) throw new VecheError('unknown_channel', 'this is not a name of a channel');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
