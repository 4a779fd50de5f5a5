import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CarryUplink, MAX_MESSAGE_BYTES, VecheError } from '@veche/contracts';
import { TokenVerifier } from '../auth/index.ts';
import type { Peer } from '../door.ts';
import { type Asked, CallServer, NodeCalls } from '../node/index.ts';
import { ServerId } from '../server-id.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';

export type UplinkOutcome = 'delivered' | 'unknown';

/** Whose page posted it. */
interface Poster {
  readonly origin?: string | undefined;
  /** Of the credential beside it, if a good one stood there. */
  readonly user?: string | undefined;
}

interface Posted {
  readonly data: string;
  readonly origin: string | undefined;
  readonly token: string | undefined;
}

interface Waiting extends Posted {
  resolve(outcome: UplinkOutcome): void;
  reject(error: unknown): void;
}

/** POSTs of one session that may wait behind the one that is under way to its process, and bytes. */
const MAX_WAITING = 64;
const MAX_WAITING_BYTES = 262_144;
/** Sessions with something under way from here. */
const MAX_LANES = 10_000;

/**
 * Brings an uplink to its session, whichever process of the edge holds it. Of one session one call is under way, and what comes
 * meanwhile goes with the next: so POSTs that came here one after another arrive so, and a busy session costs a call for many.
 */
@Injectable()
export class Uplink implements OnModuleInit {
  private readonly lanes = new Map<string, Waiting[]>();

  // allowed: size: it finds a session here or elsewhere, and must know who posts
  constructor(
    private readonly sessions: Sessions,
    private readonly calls: NodeCalls,
    private readonly served: CallServer,
    private readonly server: ServerId,
    private readonly tokens: TokenVerifier,
  ) {}

  onModuleInit(): void {
    this.served.serve(CarryUplink, ({ session, messages, ...poster }, asked) => ({ delivered: this.take(session, messages, poster, asked) }));
  }

  /**
   * @param secret of the session; it names its process. `unknown`: that is gone, or has no such session for this poster.
   * @throws VecheError `outcome_unknown` when that process does not answer, `too_many_requests` when too much waits
   */
  async carry(secret: string, peer: Peer, data: string): Promise<UplinkOutcome> {
    const node = nodeOf(secret);
    if (node === undefined) return 'unknown';
    const { origin, token } = peer;
    // At once where nothing has to be asked and nothing is before it.
    if (node === this.server.node && token === undefined && !this.lanes.has(secret)) return this.take(secret, [data], { origin }) ? 'delivered' : 'unknown';
    return this.queue(secret, node, { data, origin, token });
  }

  /** The secret says enough by itself; a credential beside it that is good must only not be another's. */
  private async userOf(token: string): Promise<string | undefined> {
    return this.tokens.verify(token).then(
      ({ user }) => user,
      () => undefined,
    );
  }

  private take(secret: string, messages: readonly string[], { origin, user }: Poster, asked?: Asked): boolean {
    const session = this.sessions.ofSecret(secret);
    if (!session || session.phase === 'closed') return false;
    // The secret is bound to the page that opened the stream: one that leaks into another page is worth nothing there.
    // A page's own EventSource sends no Origin with its GET but does with each POST; the door has held that one against its allowlist.
    if (session.peer.origin !== undefined && session.peer.origin !== origin) return false;
    if (user !== undefined && user !== session.user) return false;
    if (asked && !isNext(session, asked)) return false;
    for (const message of messages) session.frame(Buffer.from(message));
    return true;
  }

  private queue(secret: string, node: string, posted: Posted): Promise<UplinkOutcome> {
    const lane = this.lanes.get(secret);
    const waits = lane?.reduce((sum, { data }) => sum + data.length, posted.data.length) ?? 0;
    if ((lane && (lane.length >= MAX_WAITING || waits > MAX_WAITING_BYTES)) || this.lanes.size >= MAX_LANES)
      throw new VecheError('too_many_requests', 'too many messages of this session are on their way: await some', [], 1_000);
    return new Promise((resolve, reject) => {
      const waiting = { ...posted, resolve, reject };
      if (lane) lane.push(waiting);
      else {
        this.lanes.set(secret, [waiting]);
        void this.run(secret, node);
      }
    });
  }

  private async run(secret: string, node: string): Promise<void> {
    const lane = this.lanes.get(secret)!;
    while (lane.length > 0) {
      const batch = lane.splice(0, fitting(lane));
      try {
        const outcome = await this.bring(secret, node, batch);
        for (const one of batch) one.resolve(outcome);
      } catch (error) {
        const failed = (error as VecheError).error === 'not_found' ? undefined : error;
        // What came behind must not arrive before what may still arrive: it shares its fate.
        for (const one of [...batch, ...lane.splice(0)]) failed === undefined ? one.resolve('unknown') : one.reject(failed);
      }
    }
    this.lanes.delete(secret);
  }

  private async bring(secret: string, node: string, batch: readonly Posted[]): Promise<UplinkOutcome> {
    const { origin, token } = batch[0]!;
    const user = token === undefined ? undefined : await this.userOf(token);
    const messages = batch.map(({ data }) => data);
    const delivered =
      node === this.server.node
        ? this.take(secret, messages, { origin, user })
        : (await this.calls.ask(node, CarryUplink, { session: secret, messages, origin, user })).delivered;
    return delivered ? 'delivered' : 'unknown';
  }
}

/** How many of the first go together: of one poster, and no more than a message may have. */
function fitting(lane: readonly Waiting[]): number {
  const [first] = lane;
  let bytes = 0;
  let count = 0;
  for (const { data, origin, token } of lane) {
    bytes += Buffer.byteLength(data);
    if (count > 0 && (bytes > MAX_MESSAGE_BYTES || origin !== first!.origin || token !== first!.token)) break;
    count++;
  }
  return count;
}

/** A call that was overtaken by a later one of the same process is too late: its poster has been told that nobody knows. */
function isNext(session: Session, { from, call }: Asked): boolean {
  const uplinks = (session.uplinks ??= new Map());
  if (call <= (uplinks.get(from) ?? 0)) return false;
  uplinks.set(from, call);
  return true;
}

const SEPARATOR = '.';

/** A session's secret tells which process holds it, so a client that loses the `node` beside it is still served. */
export const secretOf = (random: string, node: string): string => `${random}${SEPARATOR}${node}`;

function nodeOf(secret: string): string | undefined {
  const at = secret.indexOf(SEPARATOR);
  return at < 0 ? undefined : secret.slice(at + 1);
}
