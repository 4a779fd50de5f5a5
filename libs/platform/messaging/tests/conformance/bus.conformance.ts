/** What every adapter of the bus must do, whatever carries it. Run by a file of three lines for each adapter. */
import { afterEach, describe } from 'vitest';
import type { MessagingAdapter } from '../../src/index.ts';
import { commandsConformance } from './commands.conformance.ts';
import { eventsConformance } from './fanout.conformance.ts';
import { requestsConformance } from './requests.conformance.ts';
import type { Stage } from './stage.fixture.ts';
import { type DeadLettersOf, workConformance } from './work.conformance.ts';

/** @param open an adapter on a bus of its own */
export function busConformance(name: string, open: Stage['open'], deadLettersOf: DeadLettersOf): void {
  describe(`the bus, ${name}`, () => {
    const opened: MessagingAdapter[] = [];
    const start: Stage['start'] = async (handlers, settings = {}) => {
      const adapter = await open(settings);
      opened.push(adapter);
      await adapter.serve({ requests: new Map(), work: new Map(), ...handlers });
      return adapter;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((adapter) => adapter.stop()));
    });
    const stage = { opened, open, start };
    commandsConformance(stage);
    eventsConformance(async (settings) => (await start({}, settings)).events);
    requestsConformance(stage);
    workConformance(stage, deadLettersOf);
  });
}
