/** S10 to S15 of docs/architecture.md ("What is checked"): agreement, revocation, work, effects, projections, bounds. */
import type { ReceiveEntry } from './history.ts';
import { type Check, type Indexed, type Violation } from './history-index.ts';

/** What a revoked session may still be shown was on its way when the answer was given. */
const REVOKE_BOUND_MS = 6_000;

function* s10(history: Indexed): Iterable<Violation> {
  const agreed = new Map<string, ReceiveEntry>();
  for (const entries of history.shown.values()) {
    for (const entry of entries) {
      const place = `${entry.channel} ${entry.epoch} ${entry.seq}`;
      const other = agreed.get(place) ?? entry;
      agreed.set(place, other);
      if (other.id !== entry.id || other.hash !== entry.hash)
        yield { rule: 'S10', what: `${entry.process} and ${other.process} saw different events at ${place}` };
    }
  }
}

function* s11({ revoked, shown, history }: Indexed): Iterable<Violation> {
  const bound = history.revokeBoundMs ?? REVOKE_BOUND_MS;
  for (const [reader, { seq, t }] of revoked) {
    for (const entry of shown.get(reader) ?? []) {
      if (entry.seq > seq && entry.t > t + bound)
        yield { rule: 'S11', what: `${reader} saw ${entry.seq}, ${Math.round(entry.t - t)} ms after it was revoked at ${seq}` };
    }
  }
}

function* s12({ history: { work } }: Indexed): Iterable<Violation> {
  if (!work) return;
  const done = new Set(work.done);
  const dead = new Map(work.dead.map((unit) => [unit.id, unit]));
  const enqueued = new Set(work.enqueued);
  if (work.waiting > 0) yield { rule: 'S12', what: `${work.waiting} units of work are still waiting at rest` };
  for (const id of enqueued) {
    if (done.has(id) === dead.has(id)) yield { rule: 'S12', what: `${id} is ${done.has(id) ? 'done and dead' : 'neither done nor dead'}` };
  }
  for (const id of [...done, ...dead.keys()]) if (!enqueued.has(id)) yield { rule: 'S12', what: `${id} was never enqueued` };
  for (const { id, cause, attempts } of dead.values()) {
    if (cause === '') yield { rule: 'S12', what: `${id} died without a cause` };
    if (attempts < 1 || attempts > work.maxAttempts) yield { rule: 'S12', what: `${id} died after ${attempts} attempts` };
  }
}

function* s13({ history: { effects = [] } }: Indexed): Iterable<Violation> {
  for (const [key, times] of Map.groupBy(effects, (one) => one)) if (times.length > 1) yield { rule: 'S13', what: `${key} had ${times.length} effects` };
}

function* s14({ history: { projections = [] } }: Indexed): Iterable<Violation> {
  for (const { name, stored, rebuilt } of projections) if (stored !== rebuilt) yield { rule: 'S14', what: `${name} differs from what the log makes of it` };
}

function* s15({ history: { samples = [] } }: Indexed): Iterable<Violation> {
  for (const { process, name, value, limit } of samples)
    if (!(value <= limit)) yield { rule: 'S15', what: `${name} of ${process} was ${value}, over ${limit}` };
}

export const SYSTEM_CHECKS: readonly Check[] = [s10, s11, s12, s13, s14, s15];
