import { Inject, Injectable } from '@nestjs/common';
import { type Control, CONTROL, CONTROL_CHANNEL, DISCONNECTS, isChannelName, VecheError } from '@veche/contracts';
import { jsonTextOf } from '@veche/edge-realtime';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import type { ParamsOf } from './api.schemas.ts';

type Session = { readonly user: string; readonly client: string; readonly session: string };

/** Bytes of a close reason that fit a WebSocket close frame. */
const MAX_REASON_BYTES = 123;

/** `subscribe`, `unsubscribe`, `disconnect`, `refresh`: what a backend does to live sessions, told to every gateway. */
@Injectable()
export class Steering {
  constructor(@Inject(EVENT_BUS) private readonly events: EventBus) {}

  subscribe(params: ParamsOf<'subscribe'>, actor: string): Record<string, never> {
    requireChannel(params.channel);
    const unserved = (['recover_since', 'expire_at'] as const).filter((name) => params[name]);
    // Better refused than dropped: a backend that sends them counts on what they do.
    if (unserved.length) throw new VecheError('not_available', `not served with subscribe: ${unserved.join(', ')}`);
    const info = jsonOf(params.info, params.b64info);
    const data = jsonOf(params.data, params.b64data);
    const override = Object.fromEntries(Object.entries(params.override ?? {}).flatMap(([name, option]) => (option ? [[name, option.value]] : [])));
    return this.tell({ do: 'subscribe', ...sessionOf(params), channel: params.channel, info, data, ...(params.override && { override }) }, actor);
  }

  unsubscribe(params: ParamsOf<'unsubscribe'>, actor: string): Record<string, never> {
    requireChannel(params.channel);
    return this.tell({ do: 'unsubscribe', ...sessionOf(params), channel: params.channel }, actor);
  }

  disconnect(params: ParamsOf<'disconnect'>, actor: string): Record<string, never> {
    const { code, reason } = params.disconnect ?? DISCONNECTS.force_no_reconnect;
    if (code < 3000 || code > 4999)
      throw new VecheError('bad_request', 'disconnect.code must be from 3000 to 4999: below 3500 and from 4000 to 4499 the client comes back');
    if (Buffer.byteLength(reason) > MAX_REASON_BYTES || isJson(reason))
      throw new VecheError(
        'bad_request',
        `disconnect.reason must be text of at most ${MAX_REASON_BYTES} bytes that is not JSON: clients would read JSON as advice`,
      );
    return this.tell({ do: 'disconnect', ...sessionOf(params), code, reason, ...(params.whitelist.length && { whitelist: params.whitelist }) }, actor);
  }

  refresh(params: ParamsOf<'refresh'>, actor: string): Record<string, never> {
    if (!params.expired) throw new VecheError('not_available', 'a session is prolonged by its client with a new token; expired: true ends it');
    const { code, reason } = DISCONNECTS.expired;
    return this.tell({ do: 'disconnect', ...sessionOf(params), code, reason }, actor);
  }

  private tell(control: Control, actor: string): Record<string, never> {
    this.events.signal([{ channel: CONTROL_CHANNEL, kind: CONTROL, actor, data: JSON.stringify(control), meta: null }]);
    return {};
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
