/** S1 to S9 of docs/architecture.md ("What is checked"): what was sent, stored and shown. Each check names what it found wrong. */
import type { SendEntry } from './history.ts';
import { type Check, commandKey, type Indexed, type Violation } from './history-index.ts';
function* s1(history: Indexed): Iterable<Violation> {
  for (const send of history.sends) {
    if (send.type !== 'ok') continue;
    const found = history.byCommand.get(commandKey(send)) ?? [];
    if (found.length !== 1) yield { rule: 'S1', what: `acknowledged ${commandKey(send)} is in the log ${found.length} times` };
    else if (found[0]?.seq !== send.seq) yield { rule: 'S1', what: `${commandKey(send)} was acknowledged as ${send.seq} and is ${found[0]?.seq}` };
  }
}

function* s2(history: Indexed): Iterable<Violation> {
  // Nothing rewinds a log in these runs: whoever comes back is entitled to the rest.
  for (const { process, channel } of history.lost) yield { rule: 'S2', what: `${process} was told that ${channel} cannot be resumed` };
  for (const [reader, start] of history.starts) {
    // Who was away when the right ended cannot fetch what came before it: what was shown must still be without a hole (S4).
    if (history.revoked.has(reader)) continue;
    const head = history.logs.get(start.channel)?.length ?? 0;
    const seen = new Set((history.shown.get(reader) ?? []).map((entry) => entry.seq));
    for (let seq = start.after + 1; seq <= head; seq++) {
      if (!seen.has(seq)) yield { rule: 'S2', what: `${reader} never saw ${seq} of ${head}` };
    }
  }
}

function* s3s4(history: Indexed): Iterable<Violation> {
  for (const [reader, entries] of history.shown) {
    const start = history.starts.get(reader);
    if (!start) yield { rule: 'S2', what: `${reader} saw events without having subscribed` };
    let last = start?.after ?? 0;
    const seen = new Set<number>();
    for (const { seq } of entries) {
      if (seen.has(seq)) yield { rule: 'S3', what: `${reader} saw ${seq} twice` };
      else if (seq !== last + 1) yield { rule: 'S4', what: `${reader} saw ${seq} after ${last}` };
      seen.add(seq);
      last = seq;
    }
  }
}

function* s5(history: Indexed): Iterable<Violation> {
  for (const [reader, entries] of history.shown) {
    for (const entry of entries) {
      const stored = history.at(entry.channel, entry.seq);
      if (!stored) yield { rule: 'S5', what: `${reader} saw ${entry.seq}, which the log does not have` };
      else if (stored.hash !== entry.hash || stored.id !== entry.id || stored.epoch !== entry.epoch)
        yield { rule: 'S5', what: `${reader} saw other bytes at ${entry.seq} than the log has` };
    }
  }
}

function* s6(history: Indexed): Iterable<Violation> {
  const invoked = new Map<string, SendEntry>();
  const failed = new Set<string>();
  const settled = new Set<string>();
  for (const send of history.sends) {
    if (send.type === 'invoke') invoked.set(commandKey(send), send);
    if (send.type === 'fail') failed.add(commandKey(send));
    if (send.type === 'ok' || send.type === 'info') settled.add(commandKey(send));
  }
  for (const [key, records] of history.byCommand) {
    const send = invoked.get(key);
    if (!send) yield { rule: 'S6', what: `${key} is in the log and was never sent` };
    else if (send.hash !== records[0]?.hash) yield { rule: 'S5', what: `${key} is in the log with other bytes than were sent` };
    if (records.length > 1) yield { rule: 'S6', what: `${key} is in the log ${records.length} times` };
    // A resend may be refused by a limit after an earlier copy was applied: then the outcome was unknown, not failed.
    if (failed.has(key) && !settled.has(key)) yield { rule: 'S6', what: `${key} was refused and is in the log` };
  }
}

function* s7(history: Indexed): Iterable<Violation> {
  for (const [channel, records] of history.logs) {
    for (const [index, record] of records.entries()) {
      if (record.seq !== index + 1) yield { rule: 'S7', what: `${channel} has ${record.seq} where ${index + 1} is due` };
    }
  }
}

/** Pipelined commands of one session keep their order; what was sent again may come later. */
function* s8(history: Indexed): Iterable<Violation> {
  const orders = new Map<string, number>();
  for (const [index, send] of history.sends.entries()) if (send.type === 'invoke' && !orders.has(commandKey(send))) orders.set(commandKey(send), index);
  const pipelined = history.sends.filter((send) => send.type === 'ok' && send.session !== undefined && (send.attempt ?? 1) === 1);
  for (const [session, sends] of Map.groupBy(pipelined, (send) => `${send.session} ${send.channel}`)) {
    let last = 0;
    for (const { seq = 0 } of sends.toSorted((a, b) => (orders.get(commandKey(a)) ?? 0) - (orders.get(commandKey(b)) ?? 0))) {
      if (seq <= last) yield { rule: 'S8', what: `${session}: ${seq} was sent after ${last}` };
      last = seq;
    }
  }
}

/** A answered before B was invoked comes first; a sender that waits for each answer therefore gets rising seqs. */
function* s9(history: Indexed): Iterable<Violation> {
  const invokedAt = new Map<string, number>();
  const channels = new Map<string, { seq: number; invoked: number; answered: number }[]>();
  for (const send of history.sends) {
    const key = commandKey(send);
    if (send.type === 'invoke' && !invokedAt.has(key)) invokedAt.set(key, send.t);
    if (send.type !== 'ok' || send.seq === undefined) continue;
    const list = channels.get(send.channel) ?? [];
    channels.set(send.channel, list);
    list.push({ seq: send.seq, invoked: invokedAt.get(key) ?? 0, answered: send.t });
  }
  for (const [channel, list] of channels) yield* realTimeOrder(channel, list);
}

/** Walks the seqs downwards, keeping the earliest answer above: one answered before a lower one was invoked is out of order. */
function* realTimeOrder(channel: string, list: { seq: number; invoked: number; answered: number }[]): Iterable<Violation> {
  let earliest = Infinity;
  for (const op of list.toSorted((a, b) => b.seq - a.seq)) {
    if (earliest < op.invoked) yield { rule: 'S9', what: `${channel}: ${op.seq} was sent after a later one had been answered` };
    earliest = Math.min(earliest, op.answered);
  }
}

export const LOG_CHECKS: readonly Check[] = [s1, s2, s3s4, s5, s6, s7, s8, s9];
