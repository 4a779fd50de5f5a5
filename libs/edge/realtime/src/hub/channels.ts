import { Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { ChannelState } from './channel-state.ts';
import { moment } from './moment.ts';
import { Positions } from './positions.ts';

/** The channels that local sessions hold. A channel is here before its log position is read, so nothing that happens in between is missed. */
@Injectable()
export class Channels {
  /** Set by the filler: what was heard of while the position was read may be beyond it. */
  onOpened: (state: ChannelState) => void = () => {};
  private readonly states = new Map<string, ChannelState>();

  constructor(private readonly positions: Positions) {}

  has(channel: string): boolean {
    return this.states.has(channel);
  }

  get(channel: string): ChannelState | undefined {
    return this.states.get(channel);
  }

  get size(): number {
    return this.states.size;
  }

  /** All of them; the iterator stays good while channels come and go. */
  values(): MapIterator<ChannelState> {
    return this.states.values();
  }

  /** Holds a channel and knows where its log stands. Everyone who holds must release. @throws VecheError unavailable */
  async hold(channel: string, durable: boolean): Promise<ChannelState> {
    let state = this.states.get(channel);
    if (!state) {
      state = new ChannelState(channel, durable);
      this.states.set(channel, state);
      if (durable) state.opening = this.open(state);
    }
    state.holders++;
    try {
      if (state.opening) await state.opening;
    } catch (error) {
      this.release(state);
      throw error;
    }
    return state;
  }

  release(state: ChannelState): void {
    if (--state.holders === 0) this.remove(state);
  }

  /** Nobody finds it any more; those who hold it learn by `gone`. */
  remove(state: ChannelState): void {
    state.gone = true;
    if (this.states.get(state.name) === state) this.states.delete(state.name);
  }

  private async open(state: ChannelState): Promise<void> {
    try {
      const position = await this.positions.of(state.name);
      if (position) {
        state.epoch = position.epoch;
        state.last = position.seq;
      }
      state.opening = null;
      state.openedAt = moment();
      this.onOpened(state);
    } catch (error) {
      // The next who asks tries again, with a state of its own.
      this.remove(state);
      throw error instanceof VecheError ? error : new VecheError('unavailable', 'the log cannot be read at the moment: try again after a pause', [], 1_000);
    }
  }
}
