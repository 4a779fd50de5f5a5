import { Inject, Injectable } from '@nestjs/common';
import {
  AuthorizeChannel,
  AuthorizeChannels,
  AuthorizeThread,
  AuthorizeThreads,
  type Channel,
  type ChannelOwner,
  type Grant,
  type GrantOutcomes,
  MAX_AUTHORIZE,
  ownerOf,
  type Subject,
  VecheError,
} from '@veche/contracts';
import { dropOldest } from '@veche/platform-redis';
import { ask, REQUEST_BUS, type RequestBus } from '@veche/platform-messaging';

interface Line {
  waiting: Waiting[];
  inFlight: number;
  /** Ends the wait for the request that left last. */
  slow: NodeJS.Timeout | undefined;
}

interface Waiting {
  readonly channel: string;
  readonly subject: Subject;
  resolve(grant: Grant): void;
  reject(error: unknown): void;
}

const CONTRACTS = {
  chat: { one: AuthorizeThread, many: AuthorizeThreads },
  channel: { one: AuthorizeChannel, many: AuthorizeChannels },
} as const satisfies Record<ChannelOwner, unknown>;

/** Requests to one owner that may be under way: a second only when the first is slow, because each costs 1 to 2 ms of CPU, whatever it carries. */
const IN_FLIGHT = 2;
const SLOW_MS = 100;
/** Different grants that are told apart; past it the oldest are only no longer shared. */
const MAX_KNOWN = 1_000;
/** Of one attempt. Asking changes nothing, so a lost question is put once more, and both fit into the time that clients wait. */
const ATTEMPT_MS = 2_000;

/**
 * Asks owners for grants. Alone a question leaves at once, what comes meanwhile goes together: five thousand resumes are some hundred
 * requests and statements.
 */
@Injectable()
export class GrantAsker {
  private readonly lines: Readonly<Record<ChannelOwner, Line>> = { chat: emptyLine(), channel: emptyLine() };
  /** By their JSON: hundreds of thousands are remembered, and few differ. */
  private readonly known = new Map<string, Grant>();

  constructor(@Inject(REQUEST_BUS) private readonly requests: RequestBus) {}

  /** @throws VecheError `unknown_channel`, `unavailable`, `outcome_unknown` */
  ask({ name, kind }: Channel, subject: Subject): Promise<Grant> {
    const owner = ownerOf(kind);
    return new Promise((resolve, reject) => {
      this.lines[owner].waiting.push({ channel: name, subject, resolve, reject });
      this.next(owner);
    });
  }

  private next(owner: ChannelOwner): void {
    const line = this.lines[owner];
    if (line.inFlight >= IN_FLIGHT || line.slow || line.waiting.length === 0) return;
    const goOn = (): void => {
      clearTimeout(line.slow);
      line.slow = undefined;
      this.next(owner);
    };
    line.inFlight++;
    line.slow = setTimeout(goOn, SLOW_MS);
    void this.send(owner, line.waiting.splice(0, MAX_AUTHORIZE)).then(() => {
      line.inFlight--;
      goOn();
    });
  }

  /** Never rejects. */
  private async send(owner: ChannelOwner, batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = batch.length === 1 ? [{ grant: await this.one(owner, batch[0]!) }] : (await this.many(owner, batch)).outcomes;
      batch.forEach((one, at) => this.settle(one, outcomes[at]));
    } catch (error) {
      // What harms a whole batch may be one question of it: each by itself then, so that it harms its own asker only.
      if (batch.length > 1 && !isAway(error)) await Promise.all(batch.map((one) => this.send(owner, [one])));
      // Who waits behind an owner that is away would only wait longer to hear the same.
      else for (const one of isAway(error) ? [...batch, ...this.lines[owner].waiting.splice(0)] : batch) one.reject(error);
    }
  }

  private one(owner: ChannelOwner, { channel, subject }: Waiting): Promise<Grant> {
    return twice(() => ask(this.requests, CONTRACTS[owner].one, { channel, subject }, { timeoutMs: ATTEMPT_MS }));
  }

  private many(owner: ChannelOwner, batch: readonly Waiting[]): Promise<GrantOutcomes> {
    const asks = batch.map(({ channel, subject }) => ({ channel, subject }));
    return twice(() => ask(this.requests, CONTRACTS[owner].many, { asks }, { timeoutMs: ATTEMPT_MS }));
  }

  private settle(one: Waiting, outcome: GrantOutcomes['outcomes'][number] | undefined): void {
    if (!outcome) one.reject(new VecheError('internal'));
    else if ('grant' in outcome) one.resolve(this.shared(outcome.grant));
    else one.reject(new VecheError(outcome.error, outcome.message));
  }

  private shared(grant: Grant): Grant {
    const text = JSON.stringify(grant);
    const same = this.known.get(text);
    if (same) return same;
    this.known.set(text, grant);
    dropOldest(this.known, MAX_KNOWN);
    return grant;
  }
}

const emptyLine = (): Line => ({ waiting: [], inFlight: 0, slow: undefined });

/** The owner was not reached, or has not answered. */
export const isAway = (error: unknown): boolean => error instanceof VecheError && (error.error === 'unavailable' || error.error === 'outcome_unknown');

async function twice<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof VecheError) || error.error !== 'outcome_unknown') throw error;
    return attempt();
  }
}
