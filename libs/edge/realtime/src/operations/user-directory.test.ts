import { CONTROL, CONTROL_CHANNEL, type Signal } from '@veche/contracts';
import { expect, it } from 'vitest';
import type { Hub } from '../hub/hub.ts';
import { UserDirectory } from './user-directory.ts';

/** A directory of one process: what it asked the auth service, and how it hears of changes. */
function directoryOf(cacheMs = 60_000) {
  const users = [{ id: 'u-1', login: 'anna', name: 'Anna' }];
  const asked: string[][] = [];
  let tell = (_signal: Signal): void => {};
  let interrupt = (): void => {};
  const requests = {
    ask: async (_kind: string, query: unknown) => {
      const { ids, logins } = query as { ids: string[]; logins: string[] };
      asked.push(ids);
      return { users: users.filter(({ id, login }) => ids.includes(id) || logins.includes(login)) };
    },
  };
  const hub = { listen: (_channel: string, listener: typeof tell) => (tell = listener), onInterrupted: (listener: () => void) => (interrupt = listener) };
  const directory = new UserDirectory(requests, { OPERATIONS_USERS_CACHE_MS: cacheMs }, hub as unknown as Hub);
  directory.onModuleInit();
  const forget = (names: string[]) =>
    tell({ channel: CONTROL_CHANNEL, kind: CONTROL, actor: '', data: JSON.stringify({ do: 'forget', users: names }), meta: null });
  return { directory, users, asked, forget, interrupt: () => interrupt() };
}

it('knows a user by id and by login, and asks once', async () => {
  const { directory, asked } = directoryOf();
  for (let round = 0; round < 2; round++) expect([...(await directory.named(['Anna', 'u-1', 'nobody'])).values()].map(({ id }) => id)).toEqual(['u-1', 'u-1']);
  expect(asked).toEqual([['Anna', 'u-1', 'nobody']]);
});

it('takes a name that is both an id and somebody’s login for the id', async () => {
  const { directory, users } = directoryOf();
  users.push({ id: 'anna', login: 'other', name: 'Other' });
  expect((await directory.named(['anna'])).get('anna')?.login).toBe('other');
});

it('finds who registered a moment after nobody had the login, as soon as it is told', async () => {
  const { directory, users, forget } = directoryOf();
  expect((await directory.named(['bo'])).size).toBe(0);
  users.push({ id: 'u-2', login: 'bo', name: 'Bo' });
  forget(['u-2', 'bo']);
  expect((await directory.named(['bo'])).get('bo')?.id).toBe('u-2');
});

it('forgets everything when it may have missed a change', async () => {
  const { directory, asked, interrupt } = directoryOf();
  await directory.named(['anna']);
  interrupt();
  await directory.named(['anna']);
  expect(asked).toHaveLength(2);
});
