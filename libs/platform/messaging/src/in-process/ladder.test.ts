import { loadConfig, valuesOf } from '@veche/platform-config';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { expect, it, vi } from 'vitest';
import type { Clock } from '../clock.ts';
import { messagingConfig } from '../messaging.config.ts';
import { MessagingTelemetry } from '../messaging.telemetry.ts';
import { InProcessAdapter } from './in-process-adapter.ts';

/** Time that passes when told. */
class ManualClock implements Clock {
  private time = 1_000_000;
  private readonly timers = new Set<{ readonly at: number; readonly then: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.time + ms, then };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Milliseconds until the next timer; undefined when there is none. */
  get next(): number | undefined {
    return this.timers.size === 0 ? undefined : Math.min(...[...this.timers].map(({ at }) => at)) - this.time;
  }

  pass(ms: number): void {
    this.time += ms;
    for (const timer of [...this.timers].filter(({ at }) => at <= this.time)) {
      this.timers.delete(timer);
      timer.then();
    }
  }
}

const open = (clock: Clock): InProcessAdapter =>
  new InProcessAdapter(valuesOf(loadConfig([messagingConfig], {}), messagingConfig), new MessagingTelemetry(new Metrics(), Logger.silent()), { clock });

it('retries work after 1, 5 and 30 seconds, then gives it up', async () => {
  const clock = new ManualClock();
  const bus = open(clock);
  let attempts = 0;
  const failing = async (): Promise<void> => {
    attempts++;
    throw new Error('down');
  };
  await bus.serve({ requests: new Map(), work: new Map([['chat.rebuild.v1', failing]]) });
  await bus.work.enqueue({ kind: 'chat.rebuild.v1', class: 'normal', id: 'a', data: {} });
  const pauses: (number | undefined)[] = [];
  for (let attempt = 1; attempt <= 3; attempt++) {
    await vi.waitUntil(() => clock.next !== undefined, { interval: 1 });
    expect(attempts).toBe(attempt);
    pauses.push(clock.next);
    clock.pass(clock.next!);
  }
  expect(pauses).toEqual([1000, 5000, 30_000]);
  await vi.waitUntil(() => bus.deadLetters.length === 1, { interval: 1 });
  expect(bus.deadLetters[0]).toMatchObject({ cause: 'down', attempts: 4 });
  expect(clock.next).toBeUndefined();
  await bus.stop();
});

it('forgets no deadline: a command that nobody takes up is refused when its own time is over', async () => {
  const clock = new ManualClock();
  const bus = open(clock);
  const send = (deadline: number): Promise<unknown> =>
    bus.commands.send({
      kind: 'chat.send-message.v1',
      channel: 'thread:a',
      actor: 'ann',
      command_id: 'c',
      data: {},
      meta: null,
      deadline: clock.now() + deadline,
    });
  const late = send(900);
  const early = send(300);
  expect(clock.next).toBe(300);
  clock.pass(300);
  expect(await early).toMatchObject({ ok: false, error: 'unavailable' });
  expect(clock.next).toBe(600);
  clock.pass(600);
  expect(await late).toMatchObject({ ok: false, error: 'unavailable' });
  expect(clock.next).toBeUndefined();
});
