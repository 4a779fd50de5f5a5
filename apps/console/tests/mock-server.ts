/**
 * A small stand-in for the server: enough of the protocol to draw the page without a database. Not shipped.
 * `node tests/mock-server.ts <port>` serves dist with a few seeded threads.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';

interface User {
  id: string;
  login: string;
  name: string;
  password: string;
}
interface Event {
  channel: string;
  seq: number;
  id: string;
  kind: string;
  actor: string;
  command_id: string;
  ts: number;
  data: Fields;
}
interface Thread {
  channel: string;
  title: string;
  members: Map<string, string>;
  log: Event[];
  read: Map<string, number>;
  number: number;
}
interface Session {
  socket: WebSocket;
  user: User;
  client: string;
  subs: Set<string>;
}
/** Whatever a message of the protocol may carry. */
interface Fields {
  [name: string]: unknown;
  channel?: string;
  token?: string;
  offset?: number;
  method?: string;
  data?: Fields;
  before?: number;
  limit?: number;
  ids?: string[];
  prefix?: string;
  title?: string;
  members?: unknown;
  text?: string;
  number?: number;
  command_id?: string;
  message_id?: string;
  reaction?: string;
  removed?: boolean;
  remove?: boolean;
  user?: string;
}
interface Message extends Fields {
  seq: number;
  ts: number;
  reactions: Record<string, string[]>;
}

export class Mock {
  readonly users = new Map<string, User>();
  readonly threads = new Map<string, Thread>();
  readonly sessions = new Set<Session>();
  readonly server: Server;
  private seeded = 1;
  private readonly dist: string;

  constructor(dist: string) {
    this.dist = dist;
    this.server = createServer((request, response) => {
      void body(request).then((text) => {
        const [status, type, content] = this.http(request.url ?? '/', text);
        response.writeHead(status, { 'content-type': type }).end(content);
      });
    });
    const sockets = new WebSocketServer({ server: this.server, path: '/connection/websocket' });
    sockets.on('connection', (socket) => this.session(socket));
  }

  user(login: string, name: string, password: string = randomUUID()): User {
    const user = { id: `u-${login}`, login, name, password };
    this.users.set(user.id, user);
    return user;
  }

  thread(title: string, members: User[]): Thread {
    const thread: Thread = {
      channel: `thread:${randomUUID()}`,
      title,
      members: new Map(members.map((user, at) => [user.id, at ? 'member' : 'owner'])),
      log: [],
      read: new Map(),
      number: 0,
    };
    this.threads.set(thread.channel, thread);
    this.append(thread, members[0]?.id ?? '', 'chat.thread-created.v1', { title, members: [] }, Date.now() - 86_400_000 * 3);
    return thread;
  }

  append(thread: Thread, actor: string, kind: string, data: Fields, ts = Date.now(), command_id: string = randomUUID()): Event {
    const known = thread.log.find((event) => event.actor === actor && event.command_id === command_id);
    if (known) return known;
    const event = {
      channel: thread.channel,
      seq: thread.log.length + 1,
      id: `0198-${String(this.seeded++).padStart(8, '0')}`,
      kind,
      actor,
      command_id,
      ts,
      data,
    };
    thread.log.push(event);
    if (kind === 'chat.message-sent.v1') thread.read.set(actor, event.data.number ?? 0);
    for (const session of this.sessions) {
      if (session.subs.has(thread.channel)) this.push(session, thread.channel, { pub: { data: event, offset: event.seq } });
      if (thread.members.has(session.user.id))
        this.signal(session, 'chat.thread-activity.v1', { thread: thread.channel, last_seq: event.seq, last_number: thread.number });
    }
    return event;
  }

  say(thread: Thread, user: User, text: string, ts?: number, extra: Fields = {}, command_id?: string): Event {
    return this.append(thread, user.id, 'chat.message-sent.v1', { text, number: ++thread.number, ...extra }, ts, command_id);
  }

  private signal(session: Session, kind: string, data: object): void {
    const channel = `user:${session.user.id}`;
    this.push(session, channel, { pub: { data: { kind, actor: '', channel, data } } });
  }

  private push(session: Session, channel: string, what: object): void {
    session.socket.send(JSON.stringify({ push: { channel, ...what } }));
  }

  private http(url: string, text: string): [number, string, string | Buffer] {
    const json = (status: number, value: unknown): [number, string, string] => [status, 'application/json', JSON.stringify(value)];
    const path = url.split('?')[0] ?? '/';
    if (path === '/auth/register') {
      const { login, name, password } = JSON.parse(text);
      if (this.users.has(`u-${login}`)) return json(409, { error: { message: 'this login is taken' } });
      return json(200, tokens(this.user(login, name, password)));
    }
    if (path === '/auth/token') {
      const { login, password } = JSON.parse(text);
      const user = this.users.get(`u-${login}`);
      return user?.password === password ? json(200, tokens(user as User)) : json(401, { error: { message: 'wrong login or password' } });
    }
    if (path === '/auth/refresh') return json(200, tokens(this.users.get(JSON.parse(text).refresh_token) as User));
    if (path.startsWith('/auth/')) return json(200, {});
    try {
      const file = join(this.dist, path === '/' ? 'index.html' : path);
      return [200, { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }[extname(file)] ?? 'text/html', readFileSync(file)];
    } catch {
      return [404, 'text/plain', 'no such page'];
    }
  }

  private session(socket: WebSocket): void {
    let session: Session | undefined;
    socket.on('message', (raw) => {
      for (const line of String(raw)
        .split('\n')
        .filter((one) => one !== '{}')) {
        const { id, ...command } = JSON.parse(line);
        const [method = '', params] = (Object.entries(command)[0] ?? []) as [string?, Fields?];
        if (method === 'connect') {
          const user = this.users.get(params?.token ?? '') as User;
          session = { socket, user, client: randomUUID(), subs: new Set() };
          this.sessions.add(session);
          socket.send(
            JSON.stringify({
              id,
              connect: { client: session.client, ping: 25, pong: true, subs: { [`user:${user.id}`]: { recoverable: true, epoch: 'e1', offset: 0 } } },
            }),
          );
        } else if (session) socket.send(JSON.stringify({ id, ...this.command(session, method, params ?? {}) }));
      }
    });
    socket.on('close', () => {
      if (!session) return;
      this.sessions.delete(session);
      for (const channel of session.subs) this.presence(session, channel, 'leave');
    });
  }

  private presence(session: Session, channel: string, what: 'join' | 'leave'): void {
    for (const other of this.sessions)
      if (other.subs.has(channel)) this.push(other, channel, { [what]: { info: { user: session.user.id, client: session.client } } });
  }

  private command(session: Session, method: string, params: Fields): object {
    if (method === 'subscribe') {
      const log = this.threads.get(String(params.channel))?.log ?? [];
      const publications = log.slice(params.offset ?? log.length).map((event) => ({ data: event, offset: event.seq }));
      session.subs.add(String(params.channel));
      this.presence(session, String(params.channel), 'join');
      return { subscribe: { recoverable: true, epoch: 'e1', offset: params.offset ?? log.length, was_recovering: true, recovered: true, publications } };
    }
    if (method === 'unsubscribe') {
      session.subs.delete(String(params.channel));
      this.presence(session, String(params.channel), 'leave');
    }
    if (method === 'presence') {
      const here = [...this.sessions].filter((one) => one.subs.has(String(params.channel)));
      return { presence: { presence: Object.fromEntries(here.map((one) => [one.client, { user: one.user.id, client: one.client }])) } };
    }
    if (method !== 'rpc') return { [method]: {} };
    try {
      return { rpc: { data: this.rpc(session.user, params.method ?? '', params.data ?? {}) } };
    } catch (error) {
      return { error: { code: 103, message: (error as Error).message } };
    }
  }

  private rpc(user: User, name: string, params: Fields): unknown {
    const thread = this.threads.get(String(params.channel)) as Thread;
    const done = (kind: string, data: Fields): object => {
      const { id, seq, ts } = this.append(thread, user.id, kind, data, undefined, params.command_id);
      return { id, seq, ts };
    };
    switch (name) {
      case 'chat.threads':
        return { threads: [...this.threads.values()].filter((one) => one.members.has(user.id)).map((one) => this.summary(one, user)), next: null };
      case 'chat.thread':
        return this.summary(thread, user);
      case 'chat.members':
        return { members: [...thread.members].map(([id, role]) => ({ user: id, role })), next: null };
      case 'chat.history': {
        const before = params.before ?? Infinity;
        return {
          messages: fold(thread)
            .filter((message) => message.seq < before)
            .slice(-(params.limit ?? 50)),
          epoch: 'e1',
          last_seq: thread.log.length,
        };
      }
      case 'auth.users': {
        const { ids = [], prefix } = params;
        const match = (one: User): boolean =>
          ids.includes(one.id) ||
          (prefix !== undefined && prefix !== '' && [one.login, one.name.toLowerCase()].some((text) => text.startsWith(prefix.toLowerCase())));
        return { users: [...this.users.values()].filter(match).map(({ id, login, name: called }) => ({ id, login, name: called })) };
      }
      case 'chat.create': {
        const made = this.thread(params.title ?? '', [user, ...(params.members as string[]).map((id) => this.users.get(id) as User)]);
        return { id: 'x', seq: 1, ts: Date.now(), channel: made.channel };
      }
      case 'chat.send': {
        const { command_id, channel: _channel, ...data } = params;
        if (data.text === 'refuse me') throw new Error('a reader may not write');
        const { id, seq, ts } = this.say(thread, user, data.text ?? '', undefined, data, command_id);
        return { id, seq, ts };
      }
      case 'chat.edit':
        return done('chat.message-edited.v1', { message_id: params.message_id, text: params.text });
      case 'chat.delete':
        return done('chat.message-deleted.v1', { message_id: params.message_id });
      case 'chat.react':
        return done('chat.message-reacted.v1', { message_id: params.message_id, reaction: params.reaction, removed: params.remove });
      case 'chat.rename':
        thread.title = params.title ?? '';
        return done('chat.thread-renamed.v1', { title: params.title });
      case 'chat.add_member':
        thread.members.set(params.user ?? '', 'member');
        return done('chat.member-added.v1', { user: params.user, role: 'member' });
      case 'chat.read':
        thread.read.set(user.id, thread.number);
        return { id: null, seq: 0, ts: 0 };
      case 'chat.typing':
        this.type(thread, user);
        return {};
      default:
        throw new Error(`no ${name}`);
    }
  }

  type(thread: Thread, user: User): void {
    for (const one of this.sessions)
      if (one.subs.has(thread.channel))
        this.push(one, thread.channel, { pub: { data: { kind: 'chat.typing-started.v1', actor: user.id, channel: thread.channel, data: {} } } });
  }

  private summary(thread: Thread, user: User): object {
    const last = fold(thread).at(-1) ?? null;
    return {
      id: thread.channel.slice('thread:'.length),
      channel: thread.channel,
      title: thread.title,
      role: thread.members.get(user.id),
      members: thread.members.size,
      last_seq: thread.log.length,
      last_number: thread.number,
      unread: thread.number - (thread.read.get(user.id) ?? 0),
      read_seq: 0,
      last_message: last,
      updated_ts: last?.ts ?? thread.log[0]?.ts,
    };
  }
}

function fold(thread: Thread): Message[] {
  const messages = new Map<string, Message>();
  for (const { kind, id, data, channel, seq, actor, command_id, ts } of thread.log) {
    const target = messages.get(data.message_id ?? '');
    if (kind === 'chat.message-sent.v1') messages.set(id, { id, channel, seq, actor, command_id, ts, ...data, reactions: {} });
    else if (kind === 'chat.message-edited.v1') Object.assign(target ?? {}, { text: data.text, edited_ts: ts });
    else if (kind === 'chat.message-deleted.v1') Object.assign(target ?? {}, { text: '', deleted: true, reactions: {} });
    else if (kind === 'chat.message-reacted.v1' && target) {
      const users = (target.reactions[data.reaction ?? ''] ?? []).filter((one) => one !== actor);
      target.reactions = { ...target.reactions, [data.reaction ?? '']: data.removed ? users : [...users, actor] };
    }
  }
  return [...messages.values()];
}

const tokens = (user: User): object => ({
  token: user.id,
  token_type: 'Bearer',
  expires_in: 600,
  refresh_token: user.id,
  user: { id: user.id, login: user.login, name: user.name },
});

async function body(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
