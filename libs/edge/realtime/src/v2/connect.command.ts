import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DISCONNECTS, type DisconnectName, isChannelName, userChannel, type VecheError } from '@veche/contracts';
import type { Identity } from '../auth/index.ts';
import { NATIVE_PING } from '../delivery/variants.ts';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { ServerId } from '../server-id.ts';
import type { Session } from '../session/session.ts';
import { secretOf } from '../session/uplink.ts';
import { Subscriber } from '../subscribe/subscriber.ts';
import { type Prepared, requirePrepared, type Wish } from '../subscribe/wish.ts';
import { Admittance } from '../session/admittance.ts';
import { type Command, errorReply, reply } from './codec.ts';
import { flag, object, seqOf, text } from './fields.ts';
import { subscribeResult } from './subscribe-result.ts';

type Params = Command['params'];

/** The first command: who it is, and the subscriptions that the server chooses. */
@Injectable()
export class ConnectCommand {
  constructor(
    private readonly admittance: Admittance,
    private readonly subscriber: Subscriber,
    private readonly server: ServerId,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_PING_MS'>,
  ) {}

  /** Never rejects for what the client did: it was answered or closed then. Resolves to whether the session is live. */
  async run(session: Session, { id, params }: Command): Promise<boolean> {
    const token = text(params, 'token');
    const positions = positionsOf(params);
    session.phase = 'authenticating';
    try {
      session.identity = await this.admittance.identify(session, token);
      const prepared = await this.prepare(session, positions);
      if (!isAuthenticating(session)) return false;
      requirePrepared(prepared);
      session.secret = session.transport.framing === 'websocket' ? '' : secretOf(randomBytes(18).toString('base64url'), this.server.node);
      setPings(session);
      if (!this.admittance.enter(session)) return false;
      session.send(reply(id, 'connect', this.result(session, prepared)));
      return true;
    } catch (error) {
      this.subscriber.endAll(session);
      if (isAuthenticating(session)) this.refuse(session, id, token, error);
      return false;
    }
  }

  private prepare(session: Session, positions: ReadonlyMap<string, Wish['recover']>): Promise<Prepared[]> {
    return Promise.all(
      serverSubscriptions(session.identity).map((wish) => this.subscriber.prepare(session, { ...wish, recover: positions.get(wish.channel) })),
    );
  }

  /** A token that is not valid ends the session as the reference does; everything else is answered, so that the client knows what to do. */
  private refuse(session: Session, id: number, token: string, error: unknown): void {
    const known = this.admittance.explain(error);
    if (known.error === 'unauthorized' && (token !== '' || session.peer.token !== undefined)) return session.close(DISCONNECTS.invalid_token);
    session.send(errorReply(id, known));
    this.admittance.refuse(session, DISCONNECTS[refusalOf(known)]);
  }

  private result(session: Session, prepared: readonly Prepared[]): string {
    const { expiresAt } = session.identity;
    const subs = prepared
      .filter(({ subscription }) => subscription.phase !== 'ended')
      .map((one) => `${JSON.stringify(one.subscription.channel)}:${subscribeResult(this.subscriber.commit(one))}`);
    const fields = [`"client":"${session.client}"`];
    if (subs.length > 0) fields.push(`"subs":{${subs.join(',')}}`);
    if (expiresAt !== undefined) fields.push(`"expires":true,"ttl":${Math.max(1, Math.ceil((expiresAt - Date.now()) / 1000))}`);
    // In whole seconds on the wire; a client takes the connection for dead ten seconds after a ping is due.
    if (!session.ownPing) fields.push(`"ping":${Math.max(1, Math.round(this.config.GATEWAY_PING_MS / 1000))},"pong":true`);
    if (session.secret !== '') fields.push(`"session":"${session.secret}","node":"${this.server.node}"`);
    return `{${fields.join(',')}}`;
  }
}

const isAuthenticating = (session: Session): boolean => session.phase === 'authenticating';

function setPings(session: Session): void {
  session.pongs = true;
  if (session.peer.nativePings) session.ownPing = NATIVE_PING;
}

function refusalOf({ error }: VecheError): DisconnectName {
  if (error === 'token_expired') return 'expired';
  return error === 'unauthorized' || error === 'permission_denied' ? 'invalid_token' : 'server_error';
}

/** Positions of server-side subscriptions that the client has from an earlier session. */
function positionsOf(params: Params): ReadonlyMap<string, Wish['recover']> {
  const found = new Map<string, Wish['recover']>();
  for (const [channel, position] of Object.entries(object(params, 'subs') ?? {})) {
    const fields = object({ position }, 'position') ?? {};
    if (flag(fields, 'recover')) found.set(channel, { epoch: text(fields, 'epoch'), seq: seqOf(fields) });
  }
  return found;
}

/** The user's inbox, and what the token names. */
function serverSubscriptions({ user, subs }: Identity): Wish[] {
  const wishes = new Map<string, Wish>();
  const inbox = userChannel(user);
  if (user !== '' && isChannelName(inbox)) wishes.set(inbox, { channel: inbox, server: { override: {} } });
  for (const { channel, info, data, override } of subs) wishes.set(channel, { channel, server: { info, data, override }, joinLeave: true });
  return [...wishes.values()];
}
