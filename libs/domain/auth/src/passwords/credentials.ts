import { Injectable } from '@nestjs/common';
import type { User } from '@veche/contracts';
import { type StoredUser, UsersRepository } from '../users/users.repository.ts';
import { Passwords } from './passwords.ts';

/** Whether a login and a password belong together. */
@Injectable()
export class Credentials {
  constructor(
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
  ) {}

  /** `undefined` for an unknown login and for a wrong password, after the same time. */
  async prove(login: string, password: string): Promise<User | undefined> {
    const user = await this.users.byLogin(login);
    if (!(await this.passwords.matches(password, user?.password)) || !user) return undefined;
    if (this.passwords.isOutdated(user.password)) await this.strengthen(user, password);
    return { id: user.id, login: user.login, name: user.name };
  }

  /** Only now is the password known, so only now can its hash be made with today's costs. */
  private async strengthen(user: StoredUser, password: string): Promise<void> {
    await this.users.replacePassword(user.id, user.password, await this.passwords.hash(password));
  }
}
