interface Sender<T> {
  /** Every call up to this number was seen, or is older than any asker waits. */
  floor: number;
  recent: Map<number, T>;
  older: Map<number, T>;
  /** Turns since its last call. */
  idle: number;
}

/** Turns after which a silent sender is forgotten: far longer than the fan-out holds anything back. */
const FORGET_TURNS = 60;

/**
 * Sees to it that no call is carried out twice, without comparing clocks. What was answered is remembered for one to two turns; a turn
 * must be longer than the longest deadline. A number that is not remembered and not above all that were dropped is of a call
 * whose asker has long given up: too late to be carried out at all.
 */
export class Repeats<T> {
  private readonly senders = new Map<string, Sender<T>>();

  /** What was kept for the call; `new` when it has not been seen, `late` when it is too late to tell. */
  find(sender: string, call: number): T | 'new' | 'late' {
    const known = this.senders.get(sender);
    if (!known) return 'new';
    const kept = known.recent.get(call) ?? known.older.get(call);
    if (kept !== undefined) return kept;
    return call <= known.floor ? 'late' : 'new';
  }

  keep(sender: string, call: number, outcome: T): void {
    let known = this.senders.get(sender);
    if (!known) this.senders.set(sender, (known = { floor: 0, recent: new Map(), older: new Map(), idle: 0 }));
    known.recent.set(call, outcome);
    known.idle = 0;
  }

  /** Once a turn. */
  turn(): void {
    for (const [name, sender] of this.senders) {
      for (const call of sender.older.keys()) if (call > sender.floor) sender.floor = call;
      sender.older = sender.recent;
      sender.recent = new Map();
      if (++sender.idle > FORGET_TURNS) this.senders.delete(name);
    }
  }

  get size(): number {
    let size = 0;
    for (const { recent, older } of this.senders.values()) size += recent.size + older.size;
    return size;
  }
}
