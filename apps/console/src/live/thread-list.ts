/** The list of threads: pages of it, and what the person's own channel says of threads that are not open. */
import { MEMBERSHIP_CHANGED, type MembershipChanged, THREAD_ACTIVITY, type ThreadActivity, type ThreadRead } from '@veche/contracts';
import { KINDS } from '../state/kinds.ts';
import { current, dispatch } from '../state/store.ts';
import { type Link, sentenceOf } from './link.ts';

const PAGE = 50;
/** Previews of busy threads are asked for at most this often. */
const PREVIEW_MS = 400;

export class ThreadList {
  private readonly stale = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly link: Link) {
    link.client.on('publication', ({ data }) => this.heard(data as { kind?: string; data?: unknown }));
  }

  async load(): Promise<void> {
    if (Object.keys(current().threads).length === 0) dispatch({ type: 'list-loading' });
    await this.page({});
  }

  async more(): Promise<void> {
    const { more, list } = current();
    if (more === null || list.at === 'loading') return;
    dispatch({ type: 'list-loading' });
    await this.page({ after: more });
  }

  /** One row anew; a thread that may no longer be read leaves the list. */
  async refresh(channel: string): Promise<void> {
    try {
      dispatch({ type: 'thread', summary: await this.link.ask('chat.thread', { channel }) });
    } catch (error) {
      if ([102, 103, 404].includes((error as { code?: number }).code ?? 0)) dispatch({ type: 'thread-gone', channel });
    }
  }

  private async page(position: { readonly after?: string }): Promise<void> {
    try {
      const { threads, next } = await this.link.ask('chat.threads', { limit: PAGE, ...position });
      dispatch({ type: 'list-page', threads, next, first: !position.after });
    } catch (error) {
      dispatch({ type: 'list-failed', why: sentenceOf(error) });
    }
  }

  private heard({ kind, data }: { kind?: string; data?: unknown }): void {
    if (kind === THREAD_ACTIVITY) this.activity(data as ThreadActivity);
    if (kind === MEMBERSHIP_CHANGED) this.membership(data as MembershipChanged);
    if (kind === KINDS.threadRead) {
      const { thread, seq, number } = data as ThreadRead;
      dispatch({ type: 'read', thread, seq, number });
    }
  }

  /** The count is exact at once; the preview follows, unless the thread is open and brings it itself. */
  private activity(activity: ThreadActivity): void {
    dispatch({ type: 'activity', activity });
    if (current().opened?.channel !== activity.thread) this.soon(activity.thread);
  }

  private membership({ thread, role }: MembershipChanged): void {
    if (role === null) dispatch({ type: 'thread-gone', channel: thread });
    else this.soon(thread);
  }

  private soon(channel: string): void {
    if (this.stale.has(channel)) return;
    const timer = setTimeout(() => {
      this.stale.delete(channel);
      void this.refresh(channel);
    }, PREVIEW_MS);
    this.stale.set(channel, timer);
  }
}
