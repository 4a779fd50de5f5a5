/** Every command of `veche`, with the settings it reads. */
import { loadConfig, valuesOf } from '@veche/platform-config';
import { type DeadLetters, messagingConfig, openDeadLetters, rabbitmqConfig } from '@veche/platform-messaging';
import type { Command } from './command.ts';
import { dlqCommands } from './dlq.ts';
import { stewardCommand } from './steward/steward-command.ts';
import { topologyCommand } from './topology.ts';

/** Read when a command runs, so that help needs no valid settings. */
const settings = () => {
  const all = loadConfig([rabbitmqConfig, messagingConfig]);
  return { ...valuesOf(all, rabbitmqConfig), ...valuesOf(all, messagingConfig) };
};

async function withDeadLetters<T>(use: (letters: DeadLetters) => Promise<T>): Promise<T> {
  const { letters, close } = await openDeadLetters(settings());
  try {
    return await use(letters);
  } finally {
    await close();
  }
}

function stopped(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

export const commands: readonly Command[] = [...dlqCommands(withDeadLetters), topologyCommand(settings), stewardCommand(stopped)];
