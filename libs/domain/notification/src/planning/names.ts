import { Inject, Injectable } from '@nestjs/common';
import { FindUsers } from '@veche/contracts';
import { ask, REQUEST_BUS, type RequestBus } from '@veche/platform-messaging';
import type { Candidates } from './mentions.rules.ts';

/** Logins of one question. */
const ASKED = 1000;

/** Who is meant by a login: only the auth service knows. */
@Injectable()
export class Names {
  constructor(@Inject(REQUEST_BUS) private readonly requests: RequestBus) {}

  /** The ids of those logins that exist. @throws VecheError when the auth service does not answer: then nobody knows who was mentioned */
  async idsOf(mentions: readonly Candidates[]): Promise<ReadonlyMap<string, string>> {
    const logins = [...new Set(mentions.flat())];
    const ids = new Map<string, string>();
    for (let from = 0; from < logins.length; from += ASKED) {
      const { users } = await ask(this.requests, FindUsers, { logins: logins.slice(from, from + ASKED) });
      for (const { login, id } of users) ids.set(login, id);
    }
    return ids;
  }
}
