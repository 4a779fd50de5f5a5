import { createHash, randomUUID } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { Inject, Injectable } from '@nestjs/common';
import { type CommandReply, CommandId, parseChannel, Publish, PUBLISHED_SIGNAL, VecheError } from '@veche/contracts';
import { Grants, jsonTextOf } from '@veche/edge-realtime';
import { COMMAND_BUS, type CommandBus, deadlineIn, EVENT_BUS, type EventBus, type MessagingConfig, messagingConfig } from '@veche/platform-messaging';
import { apiError } from './api-error.ts';
import type { ParamsOf } from './api.schemas.ts';

type Publication = Omit<ParamsOf<'publish'>, 'channel'>;

/** One publication on its way to one channel. */
interface Outgoing {
  readonly channel: string;
  /** JSON text as the backend wrote it. */
  readonly json: string;
  readonly options: Publication;
  /** `api:<name of the key>` */
  readonly actor: string;
}

/** Where a stored publication stands; nothing for a signal. */
export interface Published {
  readonly offset?: number;
  readonly epoch?: string;
}

/** `publish` and `broadcast`: an event of the log where the channel has one, a signal where it has none. */
@Injectable()
export class Publishing {
  constructor(
    @Inject(COMMAND_BUS) private readonly commands: CommandBus,
    @Inject(EVENT_BUS) private readonly events: EventBus,
    private readonly grants: Grants,
    @Inject(messagingConfig.token) private readonly config: Pick<MessagingConfig, 'RPC_TIMEOUT_MS'>,
  ) {}

  /** @param raw the text of `data`, if there was one. @throws VecheError */
  async publish({ channel, ...options }: ParamsOf<'publish'>, raw: string | undefined, actor: string): Promise<Published> {
    return this.deliver({ channel, json: dataOf(options, raw), options, actor });
  }

  /** Each channel for itself: one that fails does not stop the others. */
  async broadcast(
    { channels, ...options }: ParamsOf<'broadcast'>,
    raw: string | undefined,
    actor: string,
    onFailure: (error: unknown) => void,
  ): Promise<unknown> {
    if (!channels.length) throw new VecheError('bad_request', 'channels is empty');
    const json = dataOf(options, raw);
    const responses = channels.map((channel) =>
      this.deliver({ channel, json, options, actor }).then(
        (result) => ({ result }),
        (error: unknown) => ({ error: apiError(error, onFailure) }),
      ),
    );
    return { responses: await Promise.all(responses) };
  }

  private async deliver(outgoing: Outgoing): Promise<Published> {
    if (outgoing.options.version > 0) throw new VecheError('not_available', 'version is not served: the order of a channel is the order of its publications');
    if (!(await this.isStored(outgoing))) return this.signal(outgoing);
    const reply = await this.commands.send(this.envelope(outgoing));
    return positionOf(reply);
  }

  /** Threads and inboxes take only signals from here: their events have meanings that a publication could not keep. */
  private async isStored({ channel, options }: Outgoing): Promise<boolean> {
    const parsed = parseChannel(channel);
    if (!parsed) throw channel ? new VecheError('unknown_channel', 'this is not a name of a channel') : new VecheError('bad_request', 'channel is missing');
    if (parsed.kind !== 'application') return false;
    const grant = await this.grants.of({ user: '', caps: [] }, channel);
    return grant.options.durable && !options.skip_history;
  }

  private signal({ channel, json, options, actor }: Outgoing): Published {
    this.events.signal([{ channel, kind: PUBLISHED_SIGNAL, actor, data: json, meta: metaOf(options) }]);
    return {};
  }

  private envelope({ channel, json, options, actor }: Outgoing) {
    return {
      kind: Publish.kind,
      channel,
      actor,
      command_id: commandIdOf(options.idempotency_key),
      data: { json, caps: [], subscribed: false },
      meta: metaOf(options),
      deadline: deadlineIn(this.config.RPC_TIMEOUT_MS),
    };
  }
}

function dataOf({ b64data }: Publication, raw: string | undefined): string {
  if (!b64data) return raw ?? missing();
  const bytes = Buffer.from(b64data, 'base64');
  if (!bytes.length || !isUtf8(bytes)) throw new VecheError('bad_request', 'b64data must be JSON text in base64: binary data is not served');
  return jsonTextOf(bytes);
}

function missing(): never {
  throw new VecheError('bad_request', 'data is missing');
}

const metaOf = ({ tags }: Publication): string | null => (tags && Object.keys(tags).length ? JSON.stringify({ tags }) : null);

/** Keys of other systems may be longer than a command id, or have spaces: those are known by their hash. */
function commandIdOf(key: string): string {
  if (!key) return randomUUID();
  return CommandId.safeParse(key).success ? key : `sha256:${createHash('sha256').update(key).digest('base64url')}`;
}

function positionOf(reply: CommandReply): Published {
  if (!reply.ok) throw new VecheError(reply.error, reply.message, [], reply.retry_after_ms);
  return { offset: reply.seq, epoch: reply.epoch };
}
