import { Injectable } from '@nestjs/common';
import { type CloseRow, DISCONNECTS, VecheError } from '@veche/contracts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { GatewayTraces } from '../traces.telemetry.ts';
import { hold } from '../session/held.ts';
import { Admittance } from '../session/admittance.ts';
import { countUntilAnswered, inLane, requirePlace } from '../session/lanes.ts';
import type { LanguageHandler } from '../session/services.ts';
import type { Session } from '../session/session.ts';
import type { Joined } from '../subscribe/wish.ts';
import { PlainActions } from './plain-actions.ts';
import { connected, joined, left, refused } from './plain-documents.ts';
import { parsePlain, type PlainRequest } from './plain-request.ts';

/** `{type: …}` messages for clients without any SDK. One object for all sessions. */
@Injectable()
export class PlainLanguage implements LanguageHandler<Session> {
  constructor(
    private readonly admittance: Admittance,
    private readonly actions: PlainActions,
    private readonly telemetry: RealtimeTelemetry,
    private readonly traces: GatewayTraces,
  ) {}

  /** With a token from the handshake nobody has to say anything first. */
  begin(session: Session): void {
    if (session.phase === 'new' && session.peer.token !== undefined) void this.authenticate(session, '');
  }

  frame(session: Session, message: Buffer): void {
    if (session.phase === 'refused') return;
    try {
      this.request(session, parsePlain(message));
    } catch (error) {
      this.fail(session, undefined, error);
    }
  }

  unsubscribed(channel: string, reason: CloseRow): string {
    return left(channel, reason);
  }

  subscribed(channel: string, result: Joined): string {
    return joined(channel, result).join('\n');
  }

  private request(session: Session, request: PlainRequest): void {
    const { type, fields } = request;
    if (session.phase === 'new') {
      if (type !== 'connect') throw new VecheError('unauthorized', 'say who you are first: {"type":"connect","token":"…"}');
      void this.authenticate(session, typeof fields.token === 'string' ? fields.token : '', request.id);
    } else if (session.phase === 'authenticating') hold(session, request.text);
    else if (type === 'connect') throw new VecheError('bad_request', 'connected already');
    else this.act(session, request);
  }

  private act(session: Session, request: PlainRequest): void {
    requirePlace(session);
    const run = (): Promise<void> => this.actions.run(session, request);
    const attempt = (): Promise<void> =>
      this.traces
        .command(session, this.actions.nameOf(request), request.fields.traceparent, run)
        .catch((error: unknown) => this.fail(session, request.id, error));
    const name = request.fields.thread ?? request.fields.channel;
    // Joining and leaving keep their order; sends are ordered by the owner and must not wait for each other.
    const ordered = typeof name === 'string' && (request.type === 'join' || request.type === 'leave');
    countUntilAnswered(session, ordered ? inLane(session, name, attempt) : attempt());
  }

  private async authenticate(session: Session, token: string, id?: PlainRequest['id']): Promise<void> {
    session.phase = 'authenticating';
    try {
      session.identity = await this.admittance.identify(session, token);
      if (session.phase !== 'authenticating') return;
      session.pongs = true;
      if (!this.admittance.enter(session)) return;
      session.send(connected(session.client, session.user));
      const held = session.held ?? [];
      session.held = null;
      for (const text of held) this.frame(session, Buffer.from(text));
    } catch (error) {
      if (session.phase !== 'authenticating') return;
      session.send(refused(id, this.admittance.explain(error)));
      session.close(closeFor(error));
    }
  }

  private fail(session: Session, id: PlainRequest['id'], error: unknown): void {
    if (session.phase === 'closed') return;
    const known = error instanceof VecheError ? error : new VecheError('internal');
    if (known !== error) this.telemetry.unexpected(error, 'a plain request failed');
    session.send(refused(id, known));
    // Nothing can come of a session that has not said who it is and speaks something else.
    if (session.phase === 'new') session.close(known.error === 'unauthorized' ? DISCONNECTS.invalid_token : DISCONNECTS.bad_request);
  }
}

function closeFor(error: unknown): CloseRow {
  if (!(error instanceof VecheError)) return DISCONNECTS.server_error;
  if (error.error === 'token_expired') return DISCONNECTS.expired;
  return error.error === 'unauthorized' ? DISCONNECTS.invalid_token : DISCONNECTS.server_error;
}
