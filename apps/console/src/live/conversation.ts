/** The thread that is open: its page, then its events from exactly where the page ends, whatever happens in between. */
import { TYPING } from '@veche/contracts';
import type { PublicationContext, Subscription } from 'centrifuge';
import type { LogEvent } from '../state/model.ts';
import { current, dispatch } from '../state/store.ts';
import { hasGap } from '../state/timeline.rules.ts';
import type { Link } from './link.ts';
import { sentenceOf } from './link.ts';

export const PAGE = 50;
const TYPING_SHOWN_MS = 5_000;
/** Above this many missed events a new page is cheaper than replaying them. */
const REPLAYED_AT_MOST = 500;

export class Conversation {
  private subscription: Subscription | null = null;
  private closed = false;
  private reloading = false;

  constructor(
    private readonly link: Link,
    readonly channel: string,
  ) {}

  async open(): Promise<void> {
    dispatch({ type: 'opened', channel: this.channel });
    const timeline = current().timelines[this.channel];
    const behind = (current().threads[this.channel]?.last_seq ?? 0) - (timeline?.seq ?? 0);
    if (!timeline || behind > REPLAYED_AT_MOST) await this.load();
    this.follow();
    void this.members();
  }

  close(): void {
    this.closed = true;
    this.unfollow();
  }

  /** After a failure: the page anew, and the subscription if there is none yet. */
  async retry(): Promise<void> {
    dispatch({ type: 'opened', channel: this.channel });
    await this.load();
    this.follow();
    void this.members();
  }

  async older(): Promise<void> {
    const timeline = current().timelines[this.channel];
    const before = timeline?.messages[0]?.seq;
    if (!before || timeline.complete || current().opened?.older.at === 'loading') return;
    dispatch({ type: 'older', channel: this.channel, load: { at: 'loading' } });
    try {
      const page = await this.link.ask('chat.history', { channel: this.channel, before, limit: PAGE });
      dispatch({ type: 'older-loaded', channel: this.channel, page, limit: PAGE });
    } catch (error) {
      dispatch({ type: 'older', channel: this.channel, load: { at: 'failed', why: sentenceOf(error) } });
    }
  }

  private async load(): Promise<void> {
    if (this.reloading) return;
    this.reloading = true;
    try {
      const page = await this.link.ask('chat.history', { channel: this.channel, limit: PAGE });
      dispatch({ type: 'page-loaded', channel: this.channel, page, limit: PAGE });
    } catch (error) {
      dispatch({ type: 'page-failed', channel: this.channel, why: sentenceOf(error) });
    } finally {
      this.reloading = false;
    }
  }

  private follow(): void {
    const timeline = current().timelines[this.channel];
    if (this.closed || this.subscription || !timeline) return;
    const since = { epoch: timeline.epoch, offset: timeline.seq };
    const subscription = this.link.client.newSubscription(this.channel, { since, recoverable: true, joinLeave: true });
    this.subscription = subscription;
    subscription.on('publication', (publication) => this.received(publication));
    subscription.on('subscribed', ({ wasRecovering, recovered }) => this.subscribed(wasRecovering, recovered));
    subscription.on('join', ({ info }) => dispatch({ type: 'joined', channel: this.channel, client: info.client, user: info.user }));
    subscription.on('leave', ({ info }) => dispatch({ type: 'left', channel: this.channel, user: info.user }));
    subscription.on('unsubscribed', ({ code, reason }) => this.unsubscribed(code, reason));
    subscription.subscribe();
  }

  private unfollow(): void {
    const { subscription } = this;
    this.subscription = null;
    if (!subscription) return;
    subscription.removeAllListeners();
    subscription.unsubscribe();
    this.link.client.removeSubscription(subscription);
  }

  private subscribed(wasRecovering: boolean, recovered: boolean): void {
    if (wasRecovering && recovered && current().link.reconnects > 0) this.countRecovered();
    // The position cannot be served (history was rewound or trimmed): the page is the truth.
    if (wasRecovering && !recovered) void this.load();
    void this.presence();
  }

  /** The client hands over what was missed right after this event, within the same turn of the loop. */
  private countRecovered(): void {
    const before = this.seq;
    setTimeout(() => dispatch({ type: 'link', link: { recovered: this.seq - before } }));
  }

  private get seq(): number {
    return current().timelines[this.channel]?.seq ?? 0;
  }

  private received({ data, offset }: PublicationContext): void {
    if (offset === undefined) return this.signalled(data as { kind?: string; actor?: string });
    const event = data as LogEvent;
    dispatch({ type: 'event', event: { ...event, seq: offset } });
    const timeline = current().timelines[this.channel];
    if (timeline && hasGap(timeline)) void this.load();
  }

  private signalled({ kind, actor }: { kind?: string; actor?: string }): void {
    if (kind !== TYPING || !actor) return;
    dispatch({ type: 'typing', channel: this.channel, user: actor, until: Date.now() + TYPING_SHOWN_MS });
    setTimeout(() => dispatch({ type: 'swept', now: Date.now() }), TYPING_SHOWN_MS + 50);
  }

  /** Rights were revoked: the thread leaves the list. */
  private unsubscribed(code: number, reason: string): void {
    if (this.closed || code === 0) return;
    dispatch({ type: 'page-failed', channel: this.channel, why: `You can no longer read this thread (${reason}).` });
  }

  private async presence(): Promise<void> {
    try {
      const { clients } = await this.link.client.presence(this.channel);
      const here = Object.fromEntries(Object.values(clients).map(({ client, user }) => [client, user]));
      dispatch({ type: 'here', channel: this.channel, here });
    } catch {
      // Above the size bound, or not at this moment: nobody is shown as here.
    }
  }

  private async members(): Promise<void> {
    try {
      const { members } = await this.link.ask('chat.members', { channel: this.channel });
      dispatch({ type: 'members', channel: this.channel, members });
    } catch {
      // Asked again when the thread is opened again; the header shows the number of members meanwhile.
    }
  }
}
