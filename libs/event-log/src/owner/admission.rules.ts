/** Which commands of a batch are worked on; pure. */
import { type CommandEnvelope, isChannelName, refusal, type Refusal } from '@veche/contracts';
import type { CommandHandlers, RegisteredCommand } from '@veche/platform-messaging';
import { z } from 'zod';

/** A command that may be handed to its handler. */
export interface Admitted {
  /** Its place in the batch, hence of its reply. */
  readonly index: number;
  readonly envelope: CommandEnvelope;
  readonly registered: RegisteredCommand;
}

export interface Admission {
  readonly admitted: readonly Admitted[];
  readonly refused: ReadonlyMap<number, Refusal>;
}

export function admit(batch: readonly CommandEnvelope[], handlers: CommandHandlers, now: number): Admission {
  const admitted: Admitted[] = [];
  const refused = new Map<number, Refusal>();
  batch.forEach((envelope, index) => {
    const judged = judge(envelope, handlers.get(envelope.kind), now);
    if ('ok' in judged) refused.set(index, judged);
    else admitted.push({ index, ...judged });
  });
  return { admitted, refused };
}

function judge(envelope: CommandEnvelope, registered: RegisteredCommand | undefined, now: number): Omit<Admitted, 'index'> | Refusal {
  // Unknown and not failed: an earlier delivery of it may have been applied.
  if (envelope.deadline <= now) return refusal('outcome_unknown', 'the command came too late to be applied; send it again with the same command_id');
  if (!registered) return refusal('method_not_found', `no service here handles ${envelope.kind}`);
  if (!isChannelName(envelope.channel)) return refusal('bad_request', 'the channel has no valid name');
  const data = tolerantParse(registered.contract.schema, envelope.data);
  if (data.success) return { registered, envelope: { ...envelope, data: data.data } };
  return refusal('bad_request', data.error.issues.map(({ path, message }) => `${path.join('.') || 'data'}: ${message}`).join('; '));
}

type Parsed = ReturnType<z.ZodType['safeParse']>;

/** Doors are strict; on the bus a field that a newer door added is ignored, so that old and new processes run side by side. */
function tolerantParse(schema: z.ZodType, data: unknown): Parsed {
  const parsed = schema.safeParse(data);
  if (parsed.success || !parsed.error.issues.every(({ code }) => code === 'unrecognized_keys')) return parsed;
  const known = structuredClone(data);
  for (const issue of parsed.error.issues) if (issue.code === 'unrecognized_keys') remove(known, issue.path, issue.keys);
  return schema.safeParse(known);
}

function remove(root: unknown, path: readonly PropertyKey[], keys: readonly string[]): void {
  const holder = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], root) as Record<string, unknown>;
  for (const key of keys) delete holder[key];
}
