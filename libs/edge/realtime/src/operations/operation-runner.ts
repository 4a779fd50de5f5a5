import { Inject, Injectable } from '@nestjs/common';
import { type Operation, OPERATIONS, type RequestContract, VecheError } from '@veche/contracts';
import { REQUEST_BUS, type RequestBus } from '@veche/platform-messaging';
import type { Caller } from '../door.ts';
import { Limits } from '../limits/limits.ts';
import { parseParams } from './params.rules.ts';
import { SendCommand } from './send-command.ts';
import { SendSignal } from './send-signal.ts';
import { UserNames } from './user-names.ts';

type Params = Record<string, unknown>;

/**
 * Runs a row of the operation table for a signed-in caller: the one way in for RPC and REST.
 */
@Injectable()
export class OperationRunner {
  // allowed: size: one for each thing that a row can become, and one for each check before it
  constructor(
    private readonly limits: Limits,
    private readonly names: UserNames,
    private readonly commands: SendCommand,
    private readonly signals: SendSignal,
    @Inject(REQUEST_BUS) private readonly requests: RequestBus,
  ) {}

  /**
   * @param name a key of OPERATIONS; anything else is `not_available`.
   * @param params as the client sent them.
   * @throws VecheError that says what to do; nothing else.
   */
  async run(name: string, params: unknown, caller: Caller): Promise<unknown> {
    const operation = operationOf(name);
    if (!caller.user) throw new VecheError('unauthorized', 'sign in first: this operation needs a user');
    const checked = parseParams(operation.params, params) as Params;
    if (operation.limited) await this.limits.countMessage(caller.user);
    return this.dispatch(operation, operation.users ? await this.names.resolve(checked, operation.users) : checked, caller);
  }

  private dispatch({ becomes }: Operation, params: Params, caller: Caller): Promise<unknown> {
    if (becomes.shape === 'command') return this.commands.send(becomes.contract, becomes.on, params, caller);
    if (becomes.shape === 'signal') return this.signals.send(becomes.kind, String(params.channel), caller);
    return this.ask(becomes.contract, becomes.as_user ? { ...params, user: caller.user } : params);
  }

  private ask(contract: RequestContract, query: Params): Promise<unknown> {
    // Rules across fields (before and after together) live in the whole schema, not in the fields that the table shows.
    return this.requests.ask(contract.kind, parseParams(contract.schema, query));
  }
}

function operationOf(name: string): Operation {
  if (Object.hasOwn(OPERATIONS, name)) return OPERATIONS[name as keyof typeof OPERATIONS];
  throw new VecheError('not_available', `no such operation: ${name.slice(0, 64)}; the list is in docs/protocol.md`);
}
