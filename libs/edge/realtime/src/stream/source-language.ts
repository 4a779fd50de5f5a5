import { Injectable } from '@nestjs/common';
import type { CloseRow } from '@veche/contracts';
import type { LanguageHandler } from '../session/services.ts';
import type { Session } from '../session/session.ts';
import type { Joined } from '../subscribe/wish.ts';

/** An EventSource only listens. A chunk is a complete EventSource message. */
@Injectable()
export class SourceLanguage implements LanguageHandler<Session> {
  /** Nothing comes this way. */
  frame(): void {}

  unsubscribed(channel: string, { code, reason }: CloseRow): string {
    return `event: left\ndata: ${JSON.stringify({ channel, code, reason })}\n\n`;
  }

  subscribed(channel: string, { epoch, offset }: Joined): string {
    return `event: joined\ndata: ${JSON.stringify({ channel, epoch, seq: offset, recovered: true })}\n\n`;
  }

  /** The browser comes back by itself; at which distance says `retry`, spread so that a drain is no storm. */
  farewell(_session: Session, { code, reason }: CloseRow): string {
    const retry = 500 + Math.floor(Math.random() * 4_500);
    return `retry: ${retry}\nevent: disconnect\ndata: ${JSON.stringify({ code, reason })}\n\n`;
  }
}
