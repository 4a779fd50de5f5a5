import { Injectable } from '@nestjs/common';
import type { ChannelState } from '../hub/channel-state.ts';
import type { Recipient } from '../hub/recipient.ts';
import { Broadcast } from './broadcast.ts';
import { DirectSend } from './direct-send.ts';

interface Replying extends Recipient {
  takeReplies(): readonly Buffer[];
}

/**
 * Everything that is to be sent at the end of this turn of the event loop: one frame for all events that a channel got in it,
 * one for all replies that a session got. Channels go first, so that a sender's reply and its own event leave in one write.
 */
@Injectable()
export class Turn {
  private channels: ChannelState[] = [];
  private sessions: Replying[] = [];
  private scheduled = false;

  constructor(
    private readonly broadcast: Broadcast,
    private readonly direct: DirectSend,
  ) {}

  channel(state: ChannelState): void {
    this.channels.push(state);
    this.schedule();
  }

  replies(session: Replying): void {
    this.sessions.push(session);
    this.schedule();
  }

  /** Sends what one channel has waiting now: before somebody joins its shared set or leaves it. */
  flush(state: ChannelState): void {
    this.broadcast.flush(state);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.end());
  }

  private end(): void {
    const { channels, sessions } = this;
    this.channels = [];
    this.sessions = [];
    this.scheduled = false;
    for (const state of channels) this.broadcast.send(state);
    for (const session of sessions) for (const frame of session.takeReplies()) this.direct.write(session, frame);
  }
}
