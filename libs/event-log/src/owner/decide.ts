/** One transaction of the owner: lock, look up, decide in rounds, append, project. */
import { refusal } from '@veche/contracts';
import type { Transaction } from '@veche/platform-postgres';
import { append } from '../log/append.ts';
import type { Appended, CommandHandler, Decision, LockedChannel, NewEvent, OwnedCommand, Verdict } from '../types.ts';
import type { Admitted } from './admission.rules.ts';
import { dropEmpty, own } from './channel.repository.ts';
import { done, emptyOutcome, type Outcome } from './outcome.ts';
import { answerRepeat, repeatsWithin, unversioned } from './repeats.rules.ts';
import { type KindGroup, rounds } from './rounds.rules.ts';

/** The handlers of one round have decided; nothing is written yet. */
interface Decided {
  readonly group: KindGroup;
  readonly commands: readonly OwnedCommand[];
  readonly verdict: Verdict;
}

/** What is true within the transaction, and changes from round to round. */
interface Ground {
  readonly tx: Transaction;
  readonly channels: Map<string, LockedChannel>;
  readonly outcome: Outcome;
  /** Fresh event of a command of this batch, for those that repeat it. */
  readonly fresh: Map<Admitted, Appended>;
}

/** Decides and writes the commands; the outcome holds only if the transaction then commits. */
export async function decide(tx: Transaction, commands: readonly Admitted[]): Promise<Outcome> {
  const { channels, stored, created } = await own(tx, commands);
  const ground: Ground = { tx, channels: new Map(channels), outcome: emptyOutcome(), fresh: new Map() };
  const { first, again } = repeatsWithin(commands.filter((command) => !answered(ground, command, stored.get(command))));
  for (const round of rounds(first)) await runRound(ground, round);
  for (const { command, of } of again) answerLike(ground, command, of);
  await dropEmpty(
    tx,
    created.filter((name) => ground.channels.get(name)?.last_seq === 0),
  );
  return ground.outcome;
}

/** Without asking a handler: commands that came before keep their answer whatever the rules say now, channels that do not exist take none. */
function answered({ channels, outcome }: Ground, { index, envelope }: Admitted, stored: Parameters<typeof answerRepeat>[1] | undefined): boolean {
  if (stored) {
    const reply = answerRepeat(envelope.kind, stored);
    outcome.replies.set(index, reply);
    if (reply.ok) outcome.events.push(stored.event);
    return true;
  }
  if (channels.has(envelope.channel)) return false;
  // As for a channel that exists and is not the actor's: names must not be guessed by the answer.
  outcome.replies.set(index, refusal('permission_denied', 'not permitted'));
  return true;
}

function answerLike({ outcome, fresh }: Ground, command: Admitted, of: Admitted): void {
  const event = fresh.get(of);
  const reply = event ? answerRepeat(command.envelope.kind, { command: unversioned(of.envelope.kind), event }) : outcome.replies.get(of.index);
  if (reply) outcome.replies.set(command.index, reply);
}

async function runRound(ground: Ground, round: readonly KindGroup[]): Promise<void> {
  const decided: Decided[] = [];
  // One after the other: handlers of different kinds may read and write the same projection rows.
  for (const group of round) decided.push(await ask(ground, group));
  const events = decided.flatMap(newEvents);
  const appended = await append(ground.tx, events);
  let taken = 0;
  for (const part of decided) {
    const count = newEvents(part).length;
    await settle(ground, part, appended.slice(taken, taken + count));
    taken += count;
  }
}

async function ask({ tx, channels }: Ground, group: KindGroup): Promise<Decided> {
  const { handle, contract } = (group[0] as Admitted).registered;
  const commands = group.map(({ envelope }) => ({ envelope, channel: channels.get(envelope.channel) as LockedChannel }) as OwnedCommand);
  const verdict = await (handle as unknown as CommandHandler)({ commands, tx });
  if (verdict.decisions.length !== group.length)
    throw new Error(`the handler of ${contract.kind} decided ${verdict.decisions.length} of ${group.length} commands`);
  return { group, commands, verdict };
}

function newEvents({ commands, verdict }: Decided): NewEvent[] {
  return commands.flatMap(({ envelope, channel }, i) => {
    const decision = verdict.decisions[i] as Decision;
    if (decision === 'unchanged' || 'refuse' in decision) return [];
    const { kind, data, meta } = decision.append;
    return [{ channel, kind, data, meta: meta ?? null, actor: envelope.actor, command_id: envelope.command_id, command: unversioned(envelope.kind) }];
  });
}

/** Replies, projections and signals of one handler, given the events that its decisions became. */
async function settle(ground: Ground, { group, commands, verdict }: Decided, events: readonly Appended[]): Promise<void> {
  const { outcome, channels, fresh } = ground;
  let taken = 0;
  group.forEach((command, i) => {
    const decision = verdict.decisions[i] as Decision;
    const { channel } = commands[i] as OwnedCommand;
    if (decision === 'unchanged') outcome.replies.set(command.index, { ok: true, id: null, seq: channel.last_seq, epoch: channel.epoch, ts: Date.now() });
    else if ('refuse' in decision) outcome.replies.set(command.index, refusal(decision.refuse, decision.message));
    else {
      const event = events[taken++] as Appended;
      outcome.replies.set(command.index, done(event));
      fresh.set(command, event);
      channels.set(channel.name, { ...channel, last_seq: Math.max(event.seq, channels.get(channel.name)?.last_seq ?? 0) });
    }
  });
  outcome.events.push(...events);
  const { project, signals } = verdict;
  if (project && events.length > 0) await project(events);
  if (signals) outcome.signals.push(() => signals(events));
}
