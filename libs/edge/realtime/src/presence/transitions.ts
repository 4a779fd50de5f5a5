import type { ClientInfo } from '@veche/contracts';
import type { Change, Entry, PresenceRegister } from './presence-register.ts';

/** A user with a session on a channel in this process. */
export interface Arrival {
  readonly channel: string;
  readonly info: ClientInfo;
}

/** `unknown`: ask again later. */
export type Departure = 'last' | 'elsewhere' | 'unknown';

/** Whether what begins or ends in this process does so for everybody: the port of many processes. For one process it always does. */
export class Transitions {
  /** For each whether nobody of that user was there before. */
  async enter(arrivals: readonly Arrival[]): Promise<readonly boolean[]> {
    return arrivals.map(() => true);
  }

  async leave(departures: readonly Arrival[]): Promise<readonly Departure[]> {
    return departures.map(() => 'last');
  }

  /** For what happens elsewhere: a process has died with the last session of a user, or this one was taken for dead. */
  listen(_gone: (arrival: Arrival) => void, _returned: (arrival: Arrival) => void, _here: () => Iterable<Arrival>): void {}
}

const CHUNK = 500;

export class SharedTransitions extends Transitions {
  constructor(private readonly register: PresenceRegister) {
    super();
  }

  /** While Redis is away everybody who comes is told of: that somebody is here is true, only perhaps no news. */
  override async enter(arrivals: readonly Arrival[]): Promise<readonly boolean[]> {
    return (await this.change('+', arrivals)).map((change) => change === undefined || change === 1);
  }

  /** While Redis is away nobody is known to have left: they may be elsewhere. */
  override async leave(departures: readonly Arrival[]): Promise<readonly Departure[]> {
    return (await this.change('-', departures)).map((change) => (change === undefined || change === 2 ? 'unknown' : change === 1 ? 'last' : 'elsewhere'));
  }

  override listen(gone: (arrival: Arrival) => void, returned: (arrival: Arrival) => void, here: () => Iterable<Arrival>): void {
    this.register.onGone = (channel, info) => gone({ channel, info });
    this.register.onReturned = (channel, info) => returned({ channel, info });
    this.register.sources.push(function* () {
      for (const arrival of here()) yield entryOf(arrival);
    });
  }

  private async change(sign: Change['sign'], arrivals: readonly Arrival[]): Promise<readonly (number | undefined)[]> {
    const changes: (number | undefined)[] = [];
    for (let at = 0; at < arrivals.length; at += CHUNK) {
      const chunk = arrivals.slice(at, at + CHUNK);
      const answer = await this.register.apply(chunk.map((arrival) => ({ sign, ...entryOf(arrival) })));
      changes.push(...(answer ?? chunk.map(() => undefined)));
    }
    return changes;
  }
}

const entryOf = ({ channel, info }: Arrival): Entry => ({ space: 'users', channel, id: info.user, info });
