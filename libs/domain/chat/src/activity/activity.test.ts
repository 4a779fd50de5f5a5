import type { Signal } from '@veche/contracts';
import type { EventBus } from '@veche/platform-messaging';
import type { Database, Statement } from '@veche/platform-postgres';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ChatTelemetry } from '../chat.telemetry.ts';
import type { ThreadEvent } from '../projection/thread-event.ts';
import { Activity } from './activity.ts';

const INTERVAL = 1000;
const signals: Signal[] = [];
/** Threads of each round that asked the database. */
const rounds: string[][] = [];
let answer: (threads: string[]) => Promise<unknown[]>;
let activity: Activity;

beforeEach(() => {
  vi.useFakeTimers();
  signals.length = 0;
  rounds.length = 0;
  answer = async (threads) => threads.map((thread) => ({ name: `thread:${thread}`, last_seq: 1, last_number: 1, users: ['a', 'b'] }));
  const database = { query: ({ values }: Statement) => (rounds.push(values?.[0] as string[]), answer(values?.[0] as string[])) } as unknown as Database;
  const bus = { signal: (batch: readonly Signal[]) => void signals.push(...batch) } as unknown as EventBus;
  const config = { CHAT_ACTIVITY_INTERVAL_MS: INTERVAL, CHAT_ACTIVITY_MAX_MEMBERS: 10, CHAT_MAX_MEMBERS: 10, CHAT_MAX_REACTIONS: 1 };
  activity = new Activity(database, bus, config, new ChatTelemetry(Logger.silent(), new Metrics()));
});
afterEach(() => vi.useRealTimers());

const moved = (...threads: string[]): readonly Signal[] => activity.note(threads.map((thread) => ({ thread }) as ThreadEvent));

test('the first is announced at once, the rest of the interval as one', async () => {
  expect(moved('1')).toEqual([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(signals.map(({ channel }) => channel)).toEqual(['user:a', 'user:b']);
  for (let i = 0; i < 100; i++) moved('1');
  await vi.advanceTimersByTimeAsync(INTERVAL - 10);
  expect(rounds).toEqual([['1']]);
  await vi.advanceTimersByTimeAsync(10);
  expect(rounds).toEqual([['1'], ['1']]);
  await vi.advanceTimersByTimeAsync(10 * INTERVAL);
  expect(rounds.length).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});

test('threads that move while a round is under way, or right after it, make one next round', async () => {
  let finish = (): void => undefined;
  answer = () => new Promise((resolve) => (finish = () => resolve([])));
  moved('1');
  moved('2', '3');
  moved('2');
  finish();
  await vi.advanceTimersByTimeAsync(50);
  moved('4');
  expect(rounds).toEqual([['1']]);
  await vi.advanceTimersByTimeAsync(50);
  expect(rounds).toEqual([['1'], ['2', '3', '4']]);
});

test('a failed round is dropped and the next message starts another', async () => {
  answer = () => Promise.reject(new Error('no database'));
  moved('1');
  await vi.advanceTimersByTimeAsync(INTERVAL + 1);
  answer = async () => [{ name: 'thread:1', last_seq: 2, last_number: 2, users: ['a'] }];
  moved('1');
  await vi.advanceTimersByTimeAsync(0);
  expect(signals.map(({ data }) => data)).toEqual(['{"thread":"thread:1","last_seq":2,"last_number":2}']);
});

test('stop waits for the round under way, starts no other, and tolerates twice', async () => {
  let finish = (): void => undefined;
  answer = () => new Promise((resolve) => (finish = () => resolve([])));
  moved('1');
  let stopped = false;
  const stop = activity.stop().then(() => (stopped = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(stopped).toBe(false);
  finish();
  await stop;
  moved('2');
  await activity.stop();
  await vi.advanceTimersByTimeAsync(10 * INTERVAL);
  expect(rounds).toEqual([['1']]);
  expect(vi.getTimerCount()).toBe(0);
});
