import { Injectable } from '@nestjs/common';
import { type DataOf, FindUsers, type User } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { UsersRepository } from './users.repository.ts';

@Injectable()
export class FindUsersHandler {
  constructor(private readonly users: UsersRepository) {}

  @RequestHandler(FindUsers)
  async find({ ids, logins, prefix }: DataOf<typeof FindUsers>): Promise<{ users: readonly User[] }> {
    return {
      users: await this.users.find(
        ids,
        logins.map((login) => login.trim().toLowerCase()),
        prefix?.trim(),
      ),
    };
  }
}
