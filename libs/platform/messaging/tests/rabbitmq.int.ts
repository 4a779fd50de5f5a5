import { createTestVhost, rabbitMqProblem, type RabbitVersion, type TestVhost } from '@veche/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { type MessagingAdapter, openDeadLetters } from '../src/index.ts';
import { busConformance } from './conformance/bus.conformance.ts';
import type { DeadLetter } from './conformance/work.conformance.ts';
import { openAdapter, type OpenedAdapter } from './rabbitmq.fixture.ts';

const opened = new Map<MessagingAdapter, OpenedAdapter>();

async function deadLettersOf(adapter: MessagingAdapter): Promise<readonly DeadLetter[]> {
  const { letters, close } = await openDeadLetters(opened.get(adapter)!.settings);
  try {
    return (await letters.list('work')).map(({ unit, cause, attempts }) => ({ unit: unit!, cause, attempts }));
  } finally {
    await close();
  }
}

const versions: readonly RabbitVersion[] = [3, 4];

for (const version of versions) {
  const problem = rabbitMqProblem(version);
  describe.skipIf(problem !== undefined)(`RabbitMQ ${version}${problem === undefined ? '' : `, left out: ${problem}`}`, () => {
    let vhost: TestVhost;
    beforeAll(async () => {
      vhost = await createTestVhost(version);
    }, 180_000);
    afterAll(() => vhost?.drop());
    const open = async (settings: object): Promise<MessagingAdapter> => {
      const made = openAdapter(vhost.url, settings);
      opened.set(made.adapter, made);
      return made.adapter;
    };
    busConformance(`over RabbitMQ ${version}`, open, deadLettersOf);
  });
}
