/** Doors and owners as processes of one installation on a real broker. */
import type { CommandEnvelope, CommandReply } from '@veche/contracts';
import type { BatchProcessor, MessagingConfig } from '../src/index.ts';
import { done } from './command.fixture.ts';
import { freshPrefix, openAdapter, type OpenedAdapter } from './rabbitmq.fixture.ts';

/** How long a fault lasts, or a sender rests: nothing is waited for. */
// allowed: sleeps: a fault that ends at once would show nothing
export const during = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Delivery {
  readonly ids: readonly string[];
  readonly channels: readonly string[];
  readonly attempt: number;
}

/** An owner as the log makes one: a repeated command gets the answer it got first, whoever handled it. */
export class Log {
  private readonly answers = new Map<string, CommandReply>();
  append({ channel, command_id }: CommandEnvelope): CommandReply {
    const key = `${channel} ${command_id}`;
    const known = this.answers.get(key);
    if (known) return known;
    const reply = done(this.answers.size + 1);
    this.answers.set(key, reply);
    return reply;
  }
  get size(): number {
    return this.answers.size;
  }
}

export class Owner implements BatchProcessor {
  readonly deliveries: Delivery[] = [];
  /** Awaited by each batch before it is appended. */
  before: (batch: readonly CommandEnvelope[], attempt: number) => Promise<void> = async () => {};
  probe?: () => Promise<void>;

  constructor(private readonly log = new Log()) {}

  async process(batch: readonly CommandEnvelope[], attempt: number): Promise<readonly CommandReply[]> {
    this.deliveries.push({ ids: batch.map(({ command_id }) => command_id), channels: batch.map(({ channel }) => channel), attempt });
    await this.before(batch, attempt);
    return batch.map((one) => this.log.append(one));
  }

  /** Since the last call. */
  takeDeliveries(): Delivery[] {
    return this.deliveries.splice(0);
  }
}

export class Installation {
  private readonly opened: OpenedAdapter[] = [];

  constructor(
    private readonly url: string,
    private readonly settings: Partial<MessagingConfig> = {},
    readonly prefix = freshPrefix(),
  ) {}

  async door(url = this.url): Promise<OpenedAdapter> {
    return this.start(undefined, url);
  }

  async owner(owner: Owner, url = this.url): Promise<OpenedAdapter> {
    return this.start(owner, url);
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.splice(0).map(({ adapter }) => adapter.stop()));
  }

  private async start(owner: Owner | undefined, url: string): Promise<OpenedAdapter> {
    const opened = openAdapter(url, this.settings, this.prefix);
    this.opened.push(opened);
    await opened.adapter.serve({ requests: new Map(), work: new Map(), ...(owner && { commands: owner }) });
    return opened;
  }
}
