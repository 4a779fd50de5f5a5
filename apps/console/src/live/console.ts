/** What a signed-in person can do; the views call nothing else. */
import type { Tokens } from '@veche/contracts';
import type { Shown } from '../state/model.ts';
import { current, dispatch } from '../state/store.ts';
import { Conversation } from './conversation.ts';
import { leave } from './identity.ts';
import { Link, type Transport } from './link.ts';
import { Notices } from './notices.ts';
import { Outbox } from './outbox.ts';
import { People } from './people.ts';
import { ThreadList } from './thread-list.ts';
import { keptCommands } from './vault.ts';

/** The server takes one typing signal in three seconds. */
const TYPING_EVERY_MS = 3_000;
const READ_AFTER_MS = 250;

export class Console {
  readonly people: People;
  readonly list: ThreadList;
  readonly outbox: Outbox;
  readonly notices: Notices;
  private readonly link: Link;
  private readonly me: string;
  private conversation: Conversation | null = null;
  private typedAt = 0;
  private readTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(tokens: Tokens, transport: Transport | null, signedOut: () => void) {
    this.me = tokens.user.id;
    dispatch({ type: 'signed-in', me: tokens.user, pending: keptCommands(this.me) });
    this.link = new Link(tokens.token, transport, { connected: () => this.connected(), signedOut });
    this.people = new People(this.link);
    this.list = new ThreadList(this.link);
    this.notices = new Notices(this.link);
    this.outbox = new Outbox(this.link, this.me);
    this.link.client.connect();
  }

  stop(): void {
    this.outbox.stop();
    this.conversation?.close();
    this.link.client.removeAllListeners();
    this.link.client.disconnect();
  }

  signOut(): void {
    this.stop();
    leave();
    dispatch({ type: 'signed-out' });
  }

  reconnect(): void {
    this.link.client.disconnect();
    this.link.client.connect();
  }

  open(channel: string): void {
    if (this.conversation?.channel === channel) return;
    this.conversation?.close();
    this.conversation = new Conversation(this.link, channel);
    if (!current().threads[channel]) void this.list.refresh(channel);
    void this.conversation.open();
  }

  close(): void {
    this.conversation?.close();
    this.conversation = null;
    dispatch({ type: 'closed' });
  }

  older = (): void => void this.conversation?.older();
  retryPage = (): void => void this.conversation?.retry();

  /** Resolves with the new thread's channel, or with null when it was refused. */
  async create(title: string, members: readonly string[]): Promise<string | null> {
    const done = await this.outbox.send('chat.create', '', { title, members });
    if (done?.channel) await this.list.refresh(done.channel);
    return done?.channel ?? null;
  }

  say(channel: string, text: string, replyTo: Shown | null): void {
    this.typedAt = 0;
    void this.outbox.send('chat.send', channel, { text, ...(replyTo && { reply_to: replyTo.id }) });
  }

  edit = (message: Shown, text: string): void => void this.outbox.send('chat.edit', message.channel, { message_id: message.id, text });
  remove = (message: Shown): void => void this.outbox.send('chat.delete', message.channel, { message_id: message.id });

  /** Gives the reaction, or takes it back when it was given. */
  react(message: Shown, reaction: string): void {
    const remove = message.reactions[reaction]?.includes(this.me) ?? false;
    void this.outbox.send('chat.react', message.channel, { message_id: message.id, reaction, remove });
  }

  rename = (channel: string, title: string): void => void this.outbox.send('chat.rename', channel, { title });
  addMember = (channel: string, user: string): Promise<unknown> => this.outbox.send('chat.add_member', channel, { user });
  removeMember = (channel: string, user: string): Promise<unknown> => this.outbox.send('chat.remove_member', channel, { user });

  typing(channel: string): void {
    const now = Date.now();
    if (now - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = now;
    void this.link.ask('chat.typing', { channel }).catch(() => undefined);
  }

  /** The end of the thread is on the screen: the marker follows, a moment later and once for many messages. */
  seen(channel: string): void {
    clearTimeout(this.readTimer);
    this.readTimer = setTimeout(() => void this.markRead(channel), READ_AFTER_MS);
  }

  private async markRead(channel: string): Promise<void> {
    const thread = current().threads[channel];
    const timeline = current().timelines[channel];
    const number = timeline?.messages.at(-1)?.number ?? 0;
    if (!thread || !timeline || number <= thread.read_number) return;
    try {
      await this.link.ask('chat.read', { channel, seq: timeline.seq });
      dispatch({ type: 'read', thread: channel, seq: timeline.seq, number });
    } catch {
      // Unread stays as it is; the next look at the thread marks it again.
    }
  }

  private connected(): void {
    void this.list.load();
    void this.notices.load();
    this.outbox.resume();
    const { opened } = current();
    if (opened?.page.at === 'failed') this.retryPage();
  }
}
