import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type CommandContract, type CommandEnvelope, type CommandReply, parseChannel, threadChannel, userChannel, VecheError } from '@veche/contracts';
import { COMMAND_BUS, type CommandBus, deadlineIn, type MessagingConfig, messagingConfig } from '@veche/platform-messaging';
import type { Caller } from '../door.ts';
import { threadIdOf } from './thread-id.rules.ts';

/** What a client learns of its command, after the commit. */
export interface CommandResult {
  /** Of the event, null if the command changed nothing; of the thread that the command has created. */
  readonly id: string | null;
  readonly seq: number;
  readonly ts: number;
  readonly command_id: string;
  /** Of a thread that the command has created. */
  readonly channel?: string;
  /** Beside the id of a new thread: that of the event that made it. */
  readonly event_id?: string | null;
}

type Target = 'channel' | 'new-thread' | 'own-inbox';

/** Turns an operation into a command, and the owner's reply into the client's result. */
@Injectable()
export class SendCommand {
  constructor(
    @Inject(COMMAND_BUS) private readonly commands: CommandBus,
    @Inject(messagingConfig.token) private readonly config: Pick<MessagingConfig, 'RPC_TIMEOUT_MS'>,
  ) {}

  /** @throws VecheError what the owner refused with; `outcome_unknown` when the same command_id must be sent again. */
  async send(contract: CommandContract, on: Target, params: Record<string, unknown>, caller: Caller): Promise<CommandResult> {
    const { channel, command_id = randomUUID(), ...data } = params as { channel?: string; command_id?: string };
    const target = { channel: targetOf(on, channel, caller.user, command_id), data: on === 'own-inbox' ? { thread: channel, ...data } : data };
    const reply = await this.commands.send(this.envelope(contract.kind, command_id, target, caller));
    return resultOf(reply, command_id, on === 'new-thread' ? target.channel : undefined);
  }

  private envelope(kind: string, commandId: string, target: { channel: string; data: unknown }, caller: Caller): CommandEnvelope {
    return {
      kind,
      ...target,
      actor: caller.user,
      command_id: commandId,
      meta: null,
      deadline: deadlineIn(this.config.RPC_TIMEOUT_MS),
    };
  }
}

function targetOf(on: Target, channel: string | undefined, user: string, commandId: string): string {
  if (on === 'new-thread') return threadChannel(threadIdOf(user, commandId));
  if (on === 'own-inbox') return userChannel(user);
  if (channel === undefined) throw new VecheError('bad_request', 'channel is missing');
  return channel;
}

function resultOf(reply: CommandReply, commandId: string, created: string | undefined): CommandResult {
  if (!reply.ok) throw new VecheError(reply.error, reply.message, [], reply.retry_after_ms);
  const { id, seq, ts } = reply;
  if (created === undefined) return { id, seq, ts, command_id: commandId };
  return { id: parseChannel(created)?.id ?? created, channel: created, seq, ts, command_id: commandId, event_id: id };
}
