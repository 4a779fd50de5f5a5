/** Senders that behave as an honest client must: one command in flight, the same command_id until ok or fail. */
import { randomUUID } from 'node:crypto';
import { ERRORS } from '@veche/contracts';
import { hashOf, type HistoryRecorder, type SendEntry } from '@veche/testing';
import type { Centrifuge } from 'centrifuge';
import { call, type Person } from './people.ts';

/** `refused`: certainly not applied, though it may be later. */
type Outcome = { readonly seq: number } | 'fail' | 'refused' | 'unknown';
/** Carries one message; resolves with what the client knows afterwards. */
export type Carrier = (channel: string, commandId: string, text: string) => Promise<Outcome>;

export const byRest =
  (origin: string, person: Person): Carrier =>
  async (channel, commandId, text) => {
    const path = `/chat/threads/${channel.slice('thread:'.length)}/messages`;
    const { status, body } = await call<{ seq: number; error?: { name: string } }>(origin, 'POST', path, {
      token: person.token,
      body: { text },
      headers: { 'idempotency-key': commandId },
    });
    if (status === 201) return { seq: body.seq };
    if (status === ERRORS.unavailable.http && body.error?.name === 'unavailable') return 'refused';
    return status >= 500 || status === 429 ? 'unknown' : 'fail';
  };

export const byRpc =
  (client: Centrifuge): Carrier =>
  async (channel, command_id, text) => {
    try {
      const { data } = await client.rpc('chat.send', { channel, command_id, text });
      return data as { seq: number };
    } catch (error) {
      const { code = 0 } = error as { code?: number };
      if (code === ERRORS.unavailable.code) return 'refused';
      return isFinal(code) ? 'fail' : 'unknown';
    }
  };

/** Below 100 are the client library's own (timeout, closed transport); retryable rows of the table leave the outcome open. */
function isFinal(code: number): boolean {
  return Object.values(ERRORS).some((row) => row.code === code && !row.retryable);
}

/** Sends until the outcome is known; a transport's error is unknown, never failed. */
export class Sender {
  constructor(
    readonly name: string,
    private readonly carry: Carrier,
    private readonly history: HistoryRecorder,
    /** Takes "nothing was done" at its word and goes on to the next message, so that the checker can hold the server to it. */
    private readonly trusting = false,
  ) {}

  /** Resolves with the seq; undefined when it was refused. */
  async send(channel: string, text: string): Promise<number | undefined> {
    const command_id = randomUUID();
    const entry = { f: 'send', process: this.name, channel, command_id } as const;
    this.history.add({ ...entry, type: 'invoke', hash: hashOf(text) });
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.carry(channel, command_id, text).catch(() => 'unknown' as const);
      // Of a resend it says nothing: an earlier copy may have been applied.
      if (outcome === 'refused' && this.trusting && attempt === 1) return this.settle(entry, 'fail');
      if (outcome !== 'unknown' && outcome !== 'refused') return this.settle(entry, outcome);
      await new Promise((resolve) => setTimeout(resolve, 100)); // a resend at once would only meet the same dead server
    }
  }

  private settle(entry: Pick<SendEntry, 'f' | 'process' | 'channel' | 'command_id'>, outcome: Exclude<Outcome, 'unknown' | 'refused'>): number | undefined {
    this.history.add(outcome === 'fail' ? { ...entry, type: 'fail' } : { ...entry, type: 'ok', seq: outcome.seq });
    return outcome === 'fail' ? undefined : outcome.seq;
  }
}
