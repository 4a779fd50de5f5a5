import { Inject, Injectable } from '@nestjs/common';
import { FindUsers, type User } from '@veche/contracts';
import { REQUEST_BUS, type RequestBus } from '@veche/platform-messaging';
import { type OperationsConfig, operationsConfig } from './operations.config.ts';
import { badRequest } from './params.rules.ts';

/** Turns logins into user ids: clients may write either, commands carry ids only. */
@Injectable()
export class UserNames {
  constructor(
    @Inject(REQUEST_BUS) private readonly requests: RequestBus,
    @Inject(operationsConfig.token) private readonly config: OperationsConfig,
  ) {}

  /**
   * The parameters with every field of `fields` resolved; a field holds one name or a list of them.
   * @throws VecheError `bad_request` that names the logins nobody has.
   */
  async resolve(params: Record<string, unknown>, fields: readonly string[]): Promise<Record<string, unknown>> {
    const names = [...new Set(fields.flatMap((field) => namesIn(params[field])))];
    if (!names.length) return params;
    const ids = await this.idsOf(names);
    const unknown = names.filter((name) => !ids.has(name));
    if (unknown.length && !this.config.OPERATIONS_FOREIGN_USERS)
      throw badRequest(unknown.map((name) => ({ path: fields[0] ?? '', message: `names a user that does not exist: ${name}` })));
    const idOf = (name: string): string => ids.get(name) ?? name;
    return { ...params, ...Object.fromEntries(fields.map((field) => [field, withIds(params[field], idOf)])) };
  }

  private async idsOf(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const query = FindUsers.schema.parse({ ids: names, logins: names.filter((name) => name.length <= 64).map((name) => name.toLowerCase()) });
    const { users } = (await this.requests.ask(FindUsers.kind, query)) as { users: readonly User[] };
    const ids = new Set(users.map((user) => user.id));
    const byLogin = new Map(users.map((user) => [user.login, user.id]));
    // An id goes before a login: nobody can take another's place by choosing a login that looks like an id.
    return new Map(names.flatMap((name) => pairOf(name, ids.has(name) ? name : byLogin.get(name.toLowerCase()))));
  }
}

const pairOf = (name: string, id: string | undefined): [string, string][] => (id === undefined ? [] : [[name, id]]);

const namesIn = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((name): name is string => typeof name === 'string');

function withIds(value: unknown, idOf: (name: string) => string): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((name: string) => idOf(name)))];
  return typeof value === 'string' ? idOf(value) : value;
}
