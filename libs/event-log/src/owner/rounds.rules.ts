/** In which order the commands of a batch are decided; pure. */
import type { Admitted } from './admission.rules.ts';

/** Commands of one kind, in order: what one handler is called with. */
export type KindGroup = readonly Admitted[];

/**
 * Splits commands into rounds such that a round holds at most one kind per channel and each channel's commands keep their order.
 * All of a round is appended by one statement; an edit behind the send of the same batch is decided in the next round, on what is then true.
 */
export function rounds(commands: readonly Admitted[]): readonly (readonly KindGroup[])[] {
  const plan: Map<string, Admitted[]>[] = [];
  const standing = new Map<string, { round: number; kind: string }>();
  for (const command of commands) {
    const { channel, kind } = command.envelope;
    const before = standing.get(channel);
    const round = before === undefined ? 0 : before.round + (before.kind === kind ? 0 : 1);
    standing.set(channel, { round, kind });
    group(plan, round, kind).push(command);
  }
  return plan.map((kinds) => [...kinds.values()]);
}

function group(plan: Map<string, Admitted[]>[], round: number, kind: string): Admitted[] {
  const kinds = (plan[round] ??= new Map<string, Admitted[]>());
  const commands = kinds.get(kind) ?? [];
  if (commands.length === 0) kinds.set(kind, commands);
  return commands;
}
