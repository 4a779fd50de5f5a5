/** Turns time into work without a timer per session: pings, pong checks and deadlines of all sessions hang on one tick. */

export const TICK_MS = 100;
/** Ticks that the ring of deadlines spans; a later one is looked at again when the ring comes round. */
const RING = 8192;

/** What hangs on the wheel. */
export interface Rider {
  slot: number;
  slotIndex: number;
  /** Tick of its next deadline; 0: none. */
  dueTick: number;
  /** Place among those of the tick. */
  dueIndex: number;
}

/**
 * Each rider has a slot of the period; it is pinged when the wheel passes the slot and checked `check` ticks later.
 * Taking off swaps with the last of the slot: O(1) and no garbage left behind by short sessions.
 */
export class Wheel<R extends Rider> {
  tick = 0;
  private readonly slots: R[][];
  private readonly deadlines: (R[] | undefined)[] = new Array<R[] | undefined>(RING).fill(undefined);

  constructor(
    periodMs: number,
    private readonly checkMs: number,
    private readonly random: () => number = Math.random,
  ) {
    this.slots = Array.from({ length: Math.max(2, Math.round(periodMs / TICK_MS)) }, () => []);
  }

  /** The first ping comes after a random half to full period, so that sessions which came together do not stay together. */
  board(rider: R): void {
    const period = this.slots.length;
    const wait = Math.ceil(period / 2 + this.random() * (period / 2));
    rider.slot = (this.tick + Math.min(wait, period)) % period;
    rider.slotIndex = this.slots[rider.slot]!.push(rider) - 1;
  }

  /** Nothing of the rider is left here: a deadline far away would keep a closed session in memory for as long as its token lasts. */
  leave(rider: R): void {
    this.forgetDeadline(rider);
    if (rider.slot < 0) return;
    const riders = this.slots[rider.slot]!;
    const last = riders.pop()!;
    if (last !== rider) {
      riders[rider.slotIndex] = last;
      last.slotIndex = rider.slotIndex;
    }
    rider.slot = -1;
  }

  /** The rider is due once after this time, never earlier; whoever is due decides whether it still matters. */
  deadline(rider: R, afterMs: number): void {
    const tick = this.tick + Math.min(Math.max(1, Math.ceil(afterMs / TICK_MS)), RING - 1);
    // An earlier look is due: whoever is looked at then asks again for what is left.
    if (rider.dueTick !== 0 && rider.dueTick <= tick) return;
    this.forgetDeadline(rider);
    rider.dueTick = tick;
    rider.dueIndex = (this.deadlines[tick % RING] ??= []).push(rider) - 1;
  }

  /** Riders that wait for a deadline. Walks the ring. */
  get awaited(): number {
    return this.deadlines.reduce((sum, riders) => sum + (riders?.length ?? 0), 0);
  }

  private forgetDeadline(rider: R): void {
    if (rider.dueTick === 0) return;
    const riders = this.deadlines[rider.dueTick % RING]!;
    const last = riders.pop()!;
    if (last !== rider) {
      riders[rider.dueIndex] = last;
      last.dueIndex = rider.dueIndex;
    }
    rider.dueTick = 0;
  }

  /** One tick on: who is to be pinged, whose answer is to be checked, whose deadline has come. */
  turn(): { readonly ping: readonly R[]; readonly check: readonly R[]; readonly due: readonly R[] } {
    this.tick++;
    const period = this.slots.length;
    const late = Math.ceil(this.checkMs / TICK_MS);
    const due = this.deadlines[this.tick % RING] ?? [];
    this.deadlines[this.tick % RING] = undefined;
    for (const rider of due) rider.dueTick = 0;
    // Copies: closing a session takes it off its slot while we walk.
    return { ping: [...this.slots[this.tick % period]!], check: [...this.slots[(((this.tick - late) % period) + period) % period]!], due };
  }
}
