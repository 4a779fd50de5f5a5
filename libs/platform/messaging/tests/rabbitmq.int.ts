import { createTestVhost, type TestVhost } from '@veche/testing';
import { afterAll, beforeAll } from 'vitest';
import { type MessagingAdapter, openDeadLetters } from '../src/index.ts';
import { busConformance, type DeadLetter } from './bus.conformance.ts';
import { openAdapter, type OpenedAdapter } from './rabbitmq.fixture.ts';

let vhost: TestVhost;
const opened = new Map<MessagingAdapter, OpenedAdapter>();

beforeAll(async () => {
  vhost = await createTestVhost();
});
afterAll(() => vhost.drop());

async function deadLettersOf(adapter: MessagingAdapter): Promise<readonly DeadLetter[]> {
  const { letters, close } = await openDeadLetters(opened.get(adapter)!.settings);
  try {
    return (await letters.list('work')).map(({ unit, cause, attempts }) => ({ unit: unit!, cause, attempts }));
  } finally {
    await close();
  }
}

busConformance(
  'over RabbitMQ',
  async (settings) => {
    const made = openAdapter(vhost.url, settings);
    opened.set(made.adapter, made);
    return made.adapter;
  },
  deadLettersOf,
);
