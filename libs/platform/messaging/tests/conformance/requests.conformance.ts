import { VecheError } from '@veche/contracts';
import { describe, expect, it, vi } from 'vitest';
import type { MessagingAdapter, MessagingConfig } from '../../src/index.ts';
import { gate, refusedWith, type Stage } from './stage.fixture.ts';

export function requestsConformance({ open, start, opened }: Stage): void {
  describe('requests', () => {
    const asks = (handler: (query: unknown) => Promise<unknown>, settings: Partial<MessagingConfig> = {}): Promise<MessagingAdapter> =>
      start({ requests: new Map([['auth.find-users.v1', handler]]) }, settings);

    it('are answered, both ways as copies', async () => {
      const answer = { users: ['ann'] };
      const bus = await asks(async (query) => ({ ...answer, query }));
      const query = { ids: ['1'] };
      const asked = bus.requests.ask('auth.find-users.v1', query);
      query.ids.push('2');
      expect(await asked).toEqual({ users: ['ann'], query: { ids: ['1'] } });
    });

    it('are refused as unavailable when nobody answers their kind', async () => {
      const bus = await start({});
      expect(await refusedWith(bus.requests.ask('auth.find-users.v1', {}))).toBe('unavailable');
    });

    it('wait for services that start later than their askers', async () => {
      const adapter = await open({});
      opened.push(adapter);
      const asked = adapter.requests.ask('auth.find-users.v1', {});
      await adapter.serve({ requests: new Map([['auth.find-users.v1', async () => 'answer']]), work: new Map() });
      expect(await asked).toBe('answer');
    });

    it('end as unknown at the deadline', async () => {
      const bus = await asks(() => new Promise(() => {}));
      expect(await refusedWith(bus.requests.ask('auth.find-users.v1', {}, { timeoutMs: 30 }))).toBe('outcome_unknown');
      opened.length = 0; // its handler never ends, so neither would its stop
    });

    it('carry the refusal of the service, and none of its inner errors', async () => {
      const bus = await start({
        requests: new Map<string, () => Promise<unknown>>([
          [
            'chat.get-thread.v1',
            async () => {
              throw new VecheError('permission_denied', 'not a member', [{ path: 'channel', message: 'not yours' }]);
            },
          ],
          [
            'chat.list-threads.v1',
            async () => {
              throw new Error('select secret from table');
            },
          ],
        ]),
      });
      await expect(bus.requests.ask('chat.get-thread.v1', {})).rejects.toMatchObject({
        error: 'permission_denied',
        message: 'not a member',
        details: [{ path: 'channel', message: 'not yours' }],
      });
      await expect(bus.requests.ask('chat.list-threads.v1', {})).rejects.toMatchObject({ error: 'internal', message: expect.not.stringContaining('secret') });
    });

    it('are handled a bounded number at a time and refused beyond the backlog', async () => {
      const release = gate();
      let active = 0;
      let most = 0;
      const bus = await asks(
        async () => {
          most = Math.max(most, ++active);
          await release.opened;
          active--;
          return 'ok';
        },
        { RPC_CONSUMER_PREFETCH: 2, RPC_BACKLOG: 3 },
      );
      const asked = Array.from({ length: 6 }, () => refusedWith(bus.requests.ask('auth.find-users.v1', {})));
      expect(await asked[5]).toBe('unavailable');
      await vi.waitUntil(() => active === 2, { interval: 1 });
      release.open();
      expect(await Promise.all(asked.slice(0, 5))).toEqual(Array.from({ length: 5 }, () => 'answered'));
      expect(most).toBe(2);
    });

    it('refuse what JSON cannot carry', async () => {
      const bus = await asks(async () => 'ok');
      expect(await refusedWith(bus.requests.ask('auth.find-users.v1', { id: 1n }))).toBe('bad_request');
    });
  });
}
