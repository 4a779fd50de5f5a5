import { Inject, Injectable } from '@nestjs/common';
import { type DataOf, IssueToken, Login, type Tokens, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { AuthServiceTelemetry } from '../auth.telemetry.ts';
import { Passwords } from '../passwords/passwords.ts';
import { type StoredUser, UsersRepository } from '../users/users.repository.ts';
import { SIGN_IN_DELAYS, type SignInDelays } from './sign-in-delays.ts';
import { SignIns } from './sign-ins.service.ts';

@Injectable()
export class IssueTokenHandler {
  // Six dependencies: the order of delay, look-up, hash and session is the whole of the rule, so it stands in one place.
  constructor(
    @Inject(SIGN_IN_DELAYS) private readonly delays: SignInDelays,
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
    private readonly database: Database,
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
    const user = await this.prove(account, password).catch(async (error: unknown) => {
      // The password was not looked at, so the attempt must not count against anybody.
      await this.delays.settle(account, address, 'undecided');
      throw error;
    });
    if (!user) {
      this.telemetry.signIn('refused');
      // One answer for all failures, in text and in time.
      throw new VecheError('unauthorized', 'login or password is wrong');
    }
    await this.delays.settle(account, address, 'succeeded');
    const session = await this.database.transaction((tx) => this.signIns.begin(tx, user));
    this.telemetry.signIn('accepted');
    return this.signIns.tokens(session);
  }

  private async prove(login: string, password: string): Promise<{ id: string; login: string; name: string } | undefined> {
    const user = await this.users.byLogin(login);
    if (!(await this.passwords.matches(password, user?.password)) || !user) return undefined;
    if (this.passwords.isOutdated(user.password)) await this.strengthen(user, password);
    return { id: user.id, login: user.login, name: user.name };
  }

  private async strengthen(user: StoredUser, password: string): Promise<void> {
    await this.users.replacePassword(user.id, user.password, await this.passwords.hash(password));
  }
}
