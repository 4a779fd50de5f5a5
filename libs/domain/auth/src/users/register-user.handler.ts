import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type DataOf, RegisterUser, type Tokens, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { Passwords } from '../passwords/passwords.ts';
import { SignIns } from '../sign-ins/sign-ins.service.ts';
import { UserChanges } from './user-changes.ts';
import { UsersRepository } from './users.repository.ts';

@Injectable()
export class RegisterUserHandler {
  // allowed: size: a new user and the first sign-in session are one transaction, told to all afterwards
  constructor(
    @Inject(authConfig.token) private readonly config: Pick<AuthConfig, 'AUTH_REGISTRATION'>,
    private readonly database: Database,
    private readonly passwords: Passwords,
    private readonly users: UsersRepository,
    private readonly signIns: SignIns,
    private readonly changes: UserChanges,
  ) {}

  @RequestHandler(RegisterUser)
  async register({ login, password, name = login }: DataOf<typeof RegisterUser>): Promise<Tokens> {
    if (!this.config.AUTH_REGISTRATION) throw new VecheError('not_available', 'registration is off here; ask an operator for an account');
    const user = { id: randomUUID(), login, name };
    const hash = await this.passwords.hash(password);
    const session = await this.database.transaction(async (tx) => {
      if (!(await this.users.insert(tx, { ...user, password: hash }))) throw taken();
      return this.signIns.begin(tx, user);
    });
    await this.changes.announce(user);
    return this.signIns.tokens(session);
  }
}

const taken = (): VecheError => new VecheError('conflict', 'the login is taken; choose another, or sign in', [{ path: 'login', message: 'is taken' }]);
