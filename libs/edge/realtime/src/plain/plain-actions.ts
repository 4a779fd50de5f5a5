import { Injectable } from '@nestjs/common';
import { MAX_PAGE_EVENTS, VecheError } from '@veche/contracts';
import { eventJson, oneLine } from '../delivery/documents.ts';
import { Grants } from '../grants/grants.ts';
import { History } from '../history/history.ts';
import { rawField } from '../json-slice.ts';
import { OperationRunner } from '../operations/index.ts';
import { Publisher } from '../publish/publisher.ts';
import type { Session } from '../session/session.ts';
import { find, isSubscribed } from '../session/subscriptions.ts';
import { operationName } from '../traces.telemetry.ts';
import { Subscriber } from '../subscribe/subscriber.ts';
import { acknowledged, joined, left } from './plain-documents.ts';
import { channelOf, cursorOf, type PlainRequest } from './plain-request.ts';

/** What a plain client may ask. */
@Injectable()
export class PlainActions {
  private readonly actions: Readonly<Record<string, (session: Session, request: PlainRequest) => void | Promise<void>>> = {
    join: (session, request) => this.join(session, request),
    leave: (session, request) => this.leave(session, request),
    send: (session, request) => this.send(session, request),
    rpc: (session, request) => this.rpc(session, request),
    typing: (session, request) => this.typing(session, request),
    publish: (session, request) => this.publish(session, request),
    history: (session, request) => this.readHistory(session, request),
    ping: (session, { id }) => session.send(JSON.stringify({ type: 'pong', ...(id !== undefined && { id }) })),
  };

  // allowed: size: one for each kind of thing that a client may ask
  constructor(
    private readonly subscriber: Subscriber,
    private readonly operations: OperationRunner,
    private readonly publisher: Publisher,
    private readonly grants: Grants,
    private readonly history: History,
  ) {}

  /** What the request is called in traces. */
  nameOf({ type, fields: { method } }: PlainRequest): string {
    if (type === 'rpc') return operationName(method);
    return Object.hasOwn(this.actions, type) ? type : 'unknown';
  }

  /** @throws VecheError (as a rejection) for whatever cannot be done. */
  async run(session: Session, request: PlainRequest): Promise<void> {
    if (!Object.hasOwn(this.actions, request.type))
      throw new VecheError('method_not_found', `no such type: ${request.type.slice(0, 64)}; there are ${Object.keys(this.actions).join(', ')} and connect`);
    await this.actions[request.type]!(session, request);
  }

  private async join(session: Session, request: PlainRequest): Promise<void> {
    const channel = channelOf(request);
    const prepared = await this.subscriber.prepare(session, { channel, recover: cursorOf(request), recoverable: true, joinLeave: true });
    for (const document of joined(channel, this.subscriber.commit(prepared))) session.send(document);
  }

  private leave(session: Session, request: PlainRequest): void {
    const channel = channelOf(request);
    const subscription = find(session, channel);
    if (subscription) this.subscriber.end(subscription);
    session.send(left(channel));
  }

  /** The client's id is the command_id: the same message sent again is answered with what it already has. */
  private async send(session: Session, request: PlainRequest): Promise<void> {
    const { type: _type, id: _id, thread: _thread, channel: _channel, traceparent: _trace, ...rest } = request.fields;
    if (request.id === undefined)
      throw new VecheError('bad_request', 'id is missing: a string of at most 64 characters or a whole number, new for each message');
    const result = await this.operate(session, 'chat.send', { ...rest, channel: channelOf(request), command_id: String(request.id) });
    session.send(acknowledged(request.id, result));
  }

  private async rpc(session: Session, request: PlainRequest): Promise<void> {
    const { method, data } = request.fields;
    if (typeof method !== 'string') throw new VecheError('bad_request', 'method is missing');
    session.send(acknowledged(request.id, { data: await this.operate(session, method, data ?? {}) }));
  }

  private async typing(session: Session, request: PlainRequest): Promise<void> {
    await this.operate(session, 'chat.typing', { channel: channelOf(request) });
  }

  private async publish(session: Session, request: PlainRequest): Promise<void> {
    const data = rawField(request.text, 'data');
    if (data === undefined) throw new VecheError('bad_request', 'data is missing');
    await this.publisher.publish(session, channelOf(request), oneLine(data));
    session.send(acknowledged(request.id, {}));
  }

  private async readHistory(session: Session, request: PlainRequest): Promise<void> {
    const channel = channelOf(request);
    const { limit, reverse } = request.fields;
    const grant = await this.grants.require(session.identity, channel, 'history', isSubscribed(session, channel));
    const page = await this.history.page(channel, grant, {
      limit: Number.isSafeInteger(limit) ? (limit as number) : MAX_PAGE_EVENTS,
      reverse: reverse === true,
      since: cursorOf(request),
    });
    await this.grants.confirm(session.identity, { channel, events: page.publications }, 'history', isSubscribed(session, channel));
    const id = request.id === undefined ? '' : `"id":${JSON.stringify(request.id)},`;
    session.send(
      `{"type":"history",${id}"channel":"${channel}","epoch":"${page.epoch}","seq":${page.offset},"events":[${page.publications.map(eventJson).join(',')}]}`,
    );
  }

  private operate(session: Session, name: string, params: unknown): Promise<object> {
    return this.operations.run(name, params, { user: session.user, client: session.client }) as Promise<object>;
  }
}
