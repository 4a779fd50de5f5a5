import { Injectable } from '@nestjs/common';
import { DISCONNECTS } from '@veche/contracts';
import type { Session } from '../session/session.ts';
import { type Command, reply } from './codec.ts';
import { type CommandRunner, Disconnect } from './command-runner.ts';

/** A message without a reply: nothing here takes one, and no error can be told. */
@Injectable()
export class SendCommand implements CommandRunner {
  readonly method = 'send';

  run(): never {
    throw new Disconnect(DISCONNECTS.not_available);
  }
}

/** Old clients ask for a sign of life themselves. */
@Injectable()
export class PingCommand implements CommandRunner {
  readonly method = 'ping';

  run(session: Session, { id }: Command): void {
    session.send(reply(id, 'ping', '{}'));
  }
}
