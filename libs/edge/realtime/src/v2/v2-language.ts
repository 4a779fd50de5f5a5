import { Inject, Injectable } from '@nestjs/common';
import { type CloseRow, DISCONNECTS, ERRORS, VecheError } from '@veche/contracts';
import { InvalidSubscriptionToken } from '../auth/index.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { GatewayTraces, operationName } from '../traces.telemetry.ts';
import { hold } from '../session/held.ts';
import { countUntilAnswered, inLane, requirePlace } from '../session/lanes.ts';
import type { LanguageHandler } from '../session/services.ts';
import type { Session } from '../session/session.ts';
import { type Command, disconnectPush, errorReply, parseCommand, ProtocolViolation, subscribePush, unsubscribePush } from './codec.ts';
import { type CommandRunner, Disconnect, V2_COMMANDS } from './command-runner.ts';
import { ConnectCommand } from './connect.command.ts';
import { subscribeResult } from './subscribe-result.ts';
import type { Joined } from '../subscribe/wish.ts';

/** The Centrifugo client protocol v2, JSON. One object for all sessions. */
@Injectable()
export class V2Language implements LanguageHandler<Session> {
  private readonly runners: ReadonlyMap<string, CommandRunner>;

  constructor(
    @Inject(V2_COMMANDS) runners: readonly CommandRunner[],
    private readonly connect: ConnectCommand,
    private readonly telemetry: RealtimeTelemetry,
    private readonly traces: GatewayTraces,
  ) {
    this.runners = new Map(runners.map((runner) => [runner.method, runner]));
  }

  frame(session: Session, message: Buffer): void {
    if (isPong(message) && session.phase === 'live') return session.pong();
    const text = message.toString('utf8');
    if (session.phase === 'refused') return;
    if (session.phase === 'authenticating') return hold(session, text);
    this.lines(session, text);
  }

  farewell(session: Session, reason: CloseRow): string | undefined {
    return session.transport.framing === 'websocket' ? undefined : disconnectPush(reason);
  }

  unsubscribed(channel: string, reason: CloseRow): string {
    return unsubscribePush(channel, reason);
  }

  subscribed(channel: string, joined: Joined): string {
    return subscribePush(channel, subscribeResult(joined));
  }

  private lines(session: Session, text: string): void {
    let from = 0;
    while (from < text.length || from === 0) {
      if (session.phase === 'closed') return;
      // The connect is being looked at: what follows in the same frame waits for it.
      if (session.phase === 'authenticating') return hold(session, text.slice(from));
      const end = text.indexOf('\n', from);
      this.line(session, end < 0 ? text.slice(from) : text.slice(from, end));
      from = end < 0 ? text.length : end + 1;
      if (from === 0) return;
    }
  }

  private line(session: Session, text: string): void {
    let id = 0;
    try {
      const command = parseCommand(text);
      if (command !== 'pong') id = command.id;
      if (session.phase === 'new') this.begin(session, command);
      else if (command === 'pong') session.pong();
      else this.dispatch(session, command);
    } catch (error) {
      this.fail(session, id, error);
    }
  }

  private begin(session: Session, command: Command | 'pong'): void {
    if (command === 'pong' || command.method !== 'connect') throw new ProtocolViolation('the first command must be connect');
    const traceparent = command.traceparent ?? session.peer.traceparent;
    this.traces
      .command(session, 'connect', traceparent, () => this.connect.run(session, command))
      .then(
        (live) => live && this.release(session),
        (error: unknown) => this.fail(session, command.id, error),
      );
  }

  /** What was held while the connect was looked at, in the order it came. */
  private release(session: Session): void {
    const held = session.held;
    session.held = null;
    for (const text of held ?? []) this.lines(session, text);
  }

  private dispatch(session: Session, command: Command): void {
    const runner = this.runners.get(command.method);
    if (!runner) throw new ProtocolViolation('a second connect');
    const { channel } = command.params;
    requirePlace(session);
    const attempt = (): void | Promise<void> => this.attempt(runner, session, command);
    // Commands of one channel are carried out in the order they came; those without a channel need none.
    countUntilAnswered(session, typeof channel === 'string' ? inLane(session, channel, attempt) : attempt());
  }

  private attempt(runner: CommandRunner, session: Session, command: Command): void | Promise<void> {
    if (session.phase !== 'live') return;
    try {
      const { method, params, traceparent } = command;
      const name = method === 'rpc' ? operationName(params.method) : method;
      const running = this.traces.command(session, name, traceparent, () => runner.run(session, command));
      if (!running) return;
      return running.catch((error: unknown) => this.fail(session, command.id, error));
    } catch (error) {
      this.fail(session, command.id, error);
    }
  }

  private fail(session: Session, id: number, error: unknown): void {
    if (session.phase === 'closed') return;
    if (error instanceof ProtocolViolation) return session.close(DISCONNECTS.bad_request);
    if (error instanceof Disconnect) return session.close(error.row);
    if (error instanceof InvalidSubscriptionToken) return session.close(DISCONNECTS.invalid_token);
    const known = error instanceof VecheError ? error : new VecheError('internal');
    if (known !== error) this.telemetry.unexpected(error, 'a command failed');
    this.telemetry.commandRefused(ERRORS[known.error].code);
    session.send(errorReply(id, known));
  }
}

/** `{}`, told without decoding: with ten thousand sessions it is the most frequent message. */
const isPong = (message: Buffer): boolean => message.length === 2 && message[0] === 0x7b && message[1] === 0x7d;
