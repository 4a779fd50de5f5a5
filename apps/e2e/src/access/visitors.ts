/** The doors as somebody tries them: what is asked of a channel or of the operation table, in the form of each door. */
import { OPERATIONS, type OperationName } from '@veche/contracts';
import { RawSocket } from '../raw-socket.ts';
import { StreamSocket } from '../stream-socket.ts';
import { OK, type Said, saidOf } from './answer.ts';
import type { ChannelAction } from './table.ts';

export type Params = Readonly<Record<string, unknown>>;

/** One credential at one door. */
export interface Visitor {
  /** undefined: the door has no such action. */
  onChannel?(action: ChannelAction, channel: string): Promise<Said | undefined>;
  operate?(name: OperationName, params: Params): Promise<Said>;
  close(): void;
}

type Reply = Readonly<Record<string, unknown>> & { readonly id?: number; readonly error?: { readonly code: number; readonly message: string } };

/** Anything that carries documents both ways. */
interface Wire {
  send(document: unknown): void;
  next(): Promise<string>;
  destroy(): void;
}

/** The Centrifugo protocol, on a WebSocket or on a stream with its uplink. */
export class V2Visitor implements Visitor {
  private id = 1;

  private constructor(private readonly wire: Wire) {}

  static async onSocket(origin: string, token: string | undefined): Promise<V2Visitor> {
    const visitor = new V2Visitor(await RawSocket.open(origin, '/connection/websocket'));
    await visitor.ask('connect', token === undefined ? {} : { token });
    return visitor;
  }

  static async onStream(origin: string, token: string | undefined): Promise<V2Visitor> {
    return new V2Visitor(await StreamSocket.open(origin, token === undefined ? {} : { token }));
  }

  async onChannel(action: ChannelAction, channel: string): Promise<Said> {
    if (action.endsWith('while subscribed')) return this.whileSubscribed(action.split(' ')[0] as ChannelAction, channel);
    const said = await this.once(action, channel);
    if (said === OK && (action === 'subscribe' || action === 'resume')) await this.ask('unsubscribe', { channel });
    return said;
  }

  async operate(method: OperationName, data: Params): Promise<Said> {
    return saidOf((await this.ask('rpc', { method, data })).error);
  }

  close(): void {
    this.wire.destroy();
  }

  private async whileSubscribed(action: ChannelAction, channel: string): Promise<Said> {
    const joined = await this.once('subscribe', channel);
    const said = await this.once(action, channel);
    if (joined === OK) await this.ask('unsubscribe', { channel });
    return said;
  }

  private async once(action: ChannelAction, channel: string): Promise<Said> {
    if (action === 'resume') return this.resume(channel);
    const more = { publish: { data: { a: 1 } }, history: { limit: 10 } }[action as string] ?? {};
    return saidOf((await this.ask(action, { channel, ...more })).error);
  }

  private async resume(channel: string): Promise<Said> {
    const { error, subscribe } = await this.ask('subscribe', { channel, recover: true, offset: 0, epoch: '' });
    if (channel.startsWith('listeners:') && subscribe && Object.hasOwn(subscribe as object, 'publications')) return { outcome: 'history was shown', shown: '' };
    return saidOf(error);
  }

  private async ask(method: string, params: Params): Promise<Reply> {
    const id = ++this.id;
    this.wire.send({ id, [method]: params });
    for (;;) {
      const reply = JSON.parse(await this.wire.next()) as Reply;
      if (reply.id === id) return reply;
    }
  }
}

const PLAIN_TYPES: Readonly<Partial<Record<ChannelAction, string>>> = { subscribe: 'join', resume: 'join', history: 'history', publish: 'publish' };
type PlainReply = Reply & { readonly type: string; readonly channel?: string; readonly ack?: number; readonly recovered?: boolean };

/** The plain JSON socket. */
export class PlainVisitor implements Visitor {
  private id = 0;

  private constructor(private readonly wire: RawSocket) {}

  static async open(origin: string, token: string | undefined): Promise<PlainVisitor> {
    const wire = await RawSocket.open(origin, '/realtime/ws');
    await wire.ask({ type: 'connect', ...(token !== undefined && { token }) });
    return new PlainVisitor(wire);
  }

  async onChannel(action: ChannelAction, channel: string): Promise<Said | undefined> {
    if (action === 'presence') return undefined;
    if (!action.endsWith('while subscribed')) return this.once(action, channel, true);
    await this.once('subscribe', channel, false);
    const said = await this.once(action.split(' ')[0] as ChannelAction, channel, false);
    this.wire.send({ type: 'leave', channel });
    return said;
  }

  async operate(method: OperationName, data: Params): Promise<Said> {
    return saidOf((await this.ask({ type: 'rpc', method, data })).error);
  }

  close(): void {
    this.wire.destroy();
  }

  private async once(action: ChannelAction, channel: string, leave: boolean): Promise<Said> {
    const more = { publish: { data: { a: 1 } }, resume: { after: 0 } }[action as string] ?? {};
    const { error, recovered } = await this.ask({ type: PLAIN_TYPES[action], channel, ...more });
    if (channel.startsWith('listeners:') && recovered === true && action === 'resume') return { outcome: 'history was shown', shown: '' };
    if (!error && leave && PLAIN_TYPES[action] === 'join') this.wire.send({ type: 'leave', channel });
    return saidOf(error);
  }

  private async ask(request: Params): Promise<PlainReply> {
    const id = ++this.id;
    this.wire.send({ id, ...request });
    for (;;) {
      const reply = JSON.parse(await this.wire.next()) as PlainReply;
      const joined = request['type'] === 'join' && reply.type === 'joined' && reply.channel === request['channel'];
      if (reply.id === id || reply.ack === id || joined) return reply;
    }
  }
}

/** An EventSource, or the poll of the same address. */
export class EventsVisitor implements Visitor {
  constructor(
    private readonly origin: string,
    private readonly token: string | undefined,
    private readonly accept: 'text/event-stream' | 'application/json',
  ) {}

  async onChannel(action: ChannelAction, channel: string): Promise<Said | undefined> {
    if (action !== 'subscribe' && action !== 'resume') return undefined;
    const url = `${this.origin}/realtime/events?channel=${encodeURIComponent(channel)}${action === 'resume' ? '&after=0' : ''}`;
    const abort = new AbortController();
    const response = await fetch(url, {
      signal: abort.signal,
      headers: { accept: this.accept, ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }) },
    });
    const said = response.ok ? OK : saidOf(((await response.json()) as Reply).error);
    abort.abort();
    return said;
  }

  close(): void {}
}

/** REST, by the routes of the operation table; with a key it is a backend that has lost its way. */
export class RestVisitor implements Visitor {
  constructor(
    private readonly origin: string,
    private readonly credential: Readonly<Record<string, string>>,
  ) {}

  async operate(name: OperationName, params: Params): Promise<Said> {
    const { route } = OPERATIONS[name];
    const { channel, ...fields } = params;
    const rest: Record<string, unknown> = { ...fields };
    const path = route.path.replaceAll(/:(\w+)/g, (_, key: string) => {
      const value = key === 'thread' ? String(channel).slice('thread:'.length) : String(rest[key]);
      delete rest[key];
      return encodeURIComponent(value);
    });
    const get = route.verb === 'GET';
    const query = get && Object.keys(rest).length > 0 ? `?${new URLSearchParams(rest as Record<string, string>).toString()}` : '';
    const response = await fetch(`${this.origin}${path}${query}`, {
      method: route.verb,
      headers: { ...this.credential, ...(!get && { 'content-type': 'application/json' }) },
      ...(!get && { body: JSON.stringify(rest) }),
    });
    const body = (await response.json()) as Reply;
    return response.ok ? OK : saidOf(body.error);
  }

  close(): void {}
}

const API_METHODS: Readonly<Partial<Record<ChannelAction, string>>> = { history: 'history', publish: 'publish', presence: 'presence' };

/** The API of backends. */
export class ApiVisitor implements Visitor {
  constructor(
    private readonly origin: string,
    private readonly credential: Readonly<Record<string, string>>,
  ) {}

  async onChannel(action: ChannelAction, channel: string): Promise<Said | undefined> {
    const method = API_METHODS[action];
    if (!method) return undefined;
    const body = JSON.stringify({ channel, ...(method === 'publish' && { data: 1 }) });
    const response = await fetch(`${this.origin}/api/${method}`, { method: 'POST', headers: this.credential, body });
    return saidOf(((await response.json()) as Reply).error);
  }

  close(): void {}
}
