import { Inject, Injectable } from '@nestjs/common';
import { type DataOf, IssueToken, Login, type Tokens, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { AuthServiceTelemetry } from '../auth.telemetry.ts';
import { Credentials } from '../passwords/credentials.ts';
import { SIGN_IN_DELAYS, type SignInDelays } from './sign-in-delays.ts';
import { SignIns } from './sign-ins.service.ts';

@Injectable()
export class IssueTokenHandler {
  constructor(
    @Inject(SIGN_IN_DELAYS) private readonly delays: SignInDelays,
    private readonly credentials: Credentials,
    private readonly signIns: SignIns,
    private readonly telemetry: AuthServiceTelemetry,
  ) {}

  @RequestHandler(IssueToken)
  async signIn({ login, password, address }: DataOf<typeof IssueToken>): Promise<Tokens> {
    const account = Login.safeParse(login).data ?? login;
    const wait = await this.delays.admit(account, address);
    if (wait > 0) {
      this.telemetry.signIn('delayed');
      throw new VecheError('too_many_requests', `too many failed sign-ins; try again in ${Math.ceil(wait / 1000)} s`, [], wait);
    }
    const user = await this.credentials.prove(account, password).catch(async (error: unknown) => {
      // The password was not looked at, so the attempt must not count against anybody.
      await this.delays.settle(account, address, 'undecided');
      throw error;
    });
    await this.delays.settle(account, address, user ? 'succeeded' : 'failed');
    if (!user) {
      this.telemetry.signIn('refused');
      // One answer for all failures, in text and in time.
      throw new VecheError('unauthorized', 'login or password is wrong');
    }
    const session = await this.signIns.beginAlone(user);
    this.telemetry.signIn('accepted');
    return this.signIns.tokens(session);
  }
}
