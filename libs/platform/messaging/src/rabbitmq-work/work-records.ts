/** A unit of work as a message: the unit is the body and never changes, its attempts are headers. */
import { randomUUID } from 'node:crypto';
import { VecheError } from '@veche/contracts';
import type { ConsumeMessage, Options } from 'amqplib';
import type { WorkUnit } from '../ports.ts';
import { headersOf, type Past } from './ladder.ts';
import { WORK_CLASSES, type WorkClass } from '../rabbitmq/topology.ts';

/** @throws VecheError `bad_request` for what JSON cannot carry */
export function unitBody(unit: WorkUnit): Buffer {
  try {
    if (unit.data !== undefined) return Buffer.from(JSON.stringify(unit));
  } catch {
    // Named below.
  }
  throw new VecheError('bad_request', 'the data of a unit of work must be JSON: no BigInt, no cycle, not undefined');
}

/** Undefined when the body is no unit: another program's message. */
export function unitOf(content: Buffer): WorkUnit | undefined {
  try {
    const unit = JSON.parse(content.toString()) as WorkUnit | null;
    return typeof unit?.kind === 'string' && typeof unit.id === 'string' && WORK_CLASSES.includes(unit.class) ? unit : undefined;
  } catch {
    return undefined;
  }
}

type Properties = Options.Publish & { readonly messageId: string };

/** Not the unit's id: two may be under way under one, and a publish is known by this alone. */
export const firstProperties = (unit: WorkUnit): Properties => ({ messageId: randomUUID(), type: unit.kind, persistent: true, mandatory: true });

/** Of the same message on its way to another attempt, or to its end. `x-death` is left behind: the server counts by it, and we do not. */
export const laterProperties = ({ properties }: Pick<ConsumeMessage, 'properties'>, past: Past): Properties => ({
  messageId: `${String(properties.messageId).split('/')[0]}/${past.attempts}`,
  type: properties.type as string | undefined,
  persistent: true,
  mandatory: true,
  headers: headersOf(past),
});

export const isWorkClass = (text: string): text is WorkClass => (WORK_CLASSES as readonly string[]).includes(text);
