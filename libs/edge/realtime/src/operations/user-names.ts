import { Inject, Injectable } from '@nestjs/common';
import { type OperationsConfig, operationsConfig } from './operations.config.ts';
import { badRequest } from './params.rules.ts';
import { UserDirectory } from './user-directory.ts';

/** Turns logins into user ids: clients may write either, commands carry ids only. */
@Injectable()
export class UserNames {
  constructor(
    private readonly directory: UserDirectory,
    @Inject(operationsConfig.token) private readonly config: Pick<OperationsConfig, 'OPERATIONS_FOREIGN_USERS'>,
  ) {}

  /**
   * The parameters with every field of `fields` resolved; a field holds one name or a list of them.
   * @throws VecheError `bad_request` that names the logins nobody has.
   */
  async resolve(params: Record<string, unknown>, fields: readonly string[]): Promise<Record<string, unknown>> {
    const names = [...new Set(fields.flatMap((field) => namesIn(params[field])))];
    if (!names.length) return params;
    const users = await this.directory.named(names);
    const unknown = names.filter((name) => !users.has(name));
    if (unknown.length && !this.config.OPERATIONS_FOREIGN_USERS)
      throw badRequest(unknown.map((name) => ({ path: fields[0] ?? '', message: `names a user that does not exist: ${name}` })));
    const idOf = (name: string): string => users.get(name)?.id ?? name;
    return { ...params, ...Object.fromEntries(fields.map((field) => [field, withIds(params[field], idOf)])) };
  }
}

const namesIn = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((name): name is string => typeof name === 'string');

function withIds(value: unknown, idOf: (name: string) => string): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((name: string) => idOf(name)))];
  return typeof value === 'string' ? idOf(value) : value;
}
