/** What was given up, as an operator sees it: a unit of work, or a batch of commands, with its cause and its keys. */
import type { CommandEnvelope } from '@veche/contracts';
import type { GetMessage } from 'amqplib';
import type { WorkUnit } from '../ports.ts';
import { type Attempt, pastOf } from '../rabbitmq-work/ladder.ts';
import { unitOf } from '../rabbitmq-work/work-records.ts';
import { decodeCommands } from '../records/command-records.ts';

export const DEAD_SHAPES = ['commands', 'work'] as const;
export type DeadShape = (typeof DEAD_SHAPES)[number];

export interface DeadLetter {
  /** Of the message; names it to `show`, `redrive` and `purge`. */
  readonly id: string;
  readonly shape: DeadShape;
  /** Idempotency keys within: the unit's id, or the commands' ids. Redriven under the same. */
  readonly keys: readonly string[];
  /** Kinds within, each once. */
  readonly kinds: readonly string[];
  /** Queue that it died in, as far as it says. */
  readonly origin: string;
  readonly attempts: number;
  readonly cause: string;
  /** Failed attempts that are remembered, oldest first; times in milliseconds since 1970. */
  readonly history: readonly Attempt[];
  /** Milliseconds since 1970. */
  readonly firstFailedAt: number | undefined;
  readonly bytes: number;
  readonly unit: WorkUnit | undefined;
  readonly commands: readonly CommandEnvelope[] | undefined;
}

/** The broker's own note of why it moved a message here, newest first. */
interface Death {
  readonly reason?: string;
  readonly queue?: string;
  readonly count?: number;
  readonly time?: { readonly value?: number };
}

export function deadLetterOf({ properties, content, fields }: GetMessage, shape: DeadShape): DeadLetter {
  const past = pastOf({ headers: { ...properties.headers, 'x-delivery-count': undefined } });
  const death = deathOf(properties.headers);
  const died = death?.time?.value === undefined ? undefined : death.time.value * 1000;
  const unit = shape === 'work' ? unitOf(content) : undefined;
  const commands = shape === 'commands' ? commandsOf(content) : undefined;
  return {
    id: String(properties.messageId ?? fields.deliveryTag),
    shape,
    keys: unit ? [unit.id] : (commands ?? []).map(({ command_id }) => command_id),
    kinds: unit ? [unit.kind] : [...new Set((commands ?? []).map(({ kind }) => kind))],
    origin: death?.queue ?? (unit ? `${unit.kind}.${unit.class}` : 'unknown'),
    attempts: past.attempts,
    cause: past.history.at(-1)?.cause ?? (death ? deathCause(death) : 'unknown'),
    history: past.history,
    firstFailedAt: past.firstFailedAt ?? died,
    bytes: content.length,
    unit,
    commands,
  };
}

const deathCause = ({ reason }: Death): string =>
  reason === 'delivery_limit' ? 'delivered too often: its consumer ended each time, or threw' : `dead-lettered by the broker: ${reason ?? 'no reason given'}`;

function deathOf(headers: GetMessage['properties']['headers']): Death | undefined {
  const deaths: unknown = headers?.['x-death'];
  return Array.isArray(deaths) ? (deaths[0] as Death) : undefined;
}

/** Another program's message is shown, not stumbled over. */
function commandsOf(content: Buffer): CommandEnvelope[] | undefined {
  try {
    return decodeCommands(content);
  } catch {
    return undefined;
  }
}
