import { Injectable } from '@nestjs/common';
import { OperationRunner } from '../operations/index.ts';
import type { Session } from '../session/session.ts';
import { type Command, reply } from './codec.ts';
import type { CommandRunner } from './command-runner.ts';
import { text } from './fields.ts';

/** Every durable write: one row of the operation table. */
@Injectable()
export class RpcCommand implements CommandRunner {
  readonly method = 'rpc';

  constructor(private readonly operations: OperationRunner) {}

  async run(session: Session, { id, params }: Command): Promise<void> {
    const caller = { user: session.user, client: session.client };
    const answer = await this.operations.run(text(params, 'method'), params.data ?? {}, caller);
    session.send(reply(id, 'rpc', `{"data":${JSON.stringify(answer ?? {})}}`));
  }
}
