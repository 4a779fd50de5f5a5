import { Inject, Injectable } from '@nestjs/common';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import type { Session } from './session.ts';

/** Live sessions of this process, found by user or by a stream's secret; sessions of one user are linked through themselves. */
@Injectable()
export class Sessions {
  private readonly users = new Map<string, Session>();
  private readonly secrets = new Map<string, Session>();
  private readonly open = new Set<Session>();
  /** On their way in: they may hold channels already, so what is said of their user concerns them too. */
  private readonly arriving = new Set<Session>();

  constructor(@Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_MAX_SESSIONS' | 'GATEWAY_MAX_SESSIONS_PER_USER'>) {}

  get size(): number {
    return this.open.size;
  }

  get isFull(): boolean {
    return this.open.size >= this.config.GATEWAY_MAX_SESSIONS;
  }

  /** One more than may be here, the newest included. */
  get isOverfull(): boolean {
    return this.open.size > this.config.GATEWAY_MAX_SESSIONS;
  }

  /** The user has as many sessions here as one may have. */
  isCrowded(user: string): boolean {
    return user !== '' && this.countOf(user) >= this.config.GATEWAY_MAX_SESSIONS_PER_USER;
  }

  opened(session: Session): void {
    this.open.add(session);
  }

  /** Its credential is being looked at. */
  arrives(session: Session): void {
    this.arriving.add(session);
  }

  /** It has said who it is. */
  identified(session: Session): void {
    this.arriving.delete(session);
    session.nextOfUser = this.users.get(session.user) ?? null;
    this.users.set(session.user, session);
    if (session.secret !== '') this.secrets.set(session.secret, session);
  }

  ended(session: Session): void {
    this.open.delete(session);
    this.arriving.delete(session);
    if (session.secret !== '') this.secrets.delete(session.secret);
    this.unlink(session);
  }

  ofSecret(secret: string): Session | undefined {
    return secret === '' ? undefined : this.secrets.get(secret);
  }

  countOf(user: string): number {
    let count = 0;
    for (let at = this.users.get(user) ?? null; at !== null; at = at.nextOfUser) count++;
    return count;
  }

  /** Also those on their way in. A copy: whoever walks it may close them. */
  of(user: string): Session[] {
    const found = [...this.arriving].filter((session) => session.user === user);
    for (let at = this.users.get(user) ?? null; at !== null; at = at.nextOfUser) found.push(at);
    return found;
  }

  all(): Session[] {
    return [...this.open];
  }

  private unlink(session: Session): void {
    const first = this.users.get(session.user);
    if (first === session) {
      if (session.nextOfUser) this.users.set(session.user, session.nextOfUser);
      else this.users.delete(session.user);
    } else {
      let at = first ?? null;
      while (at !== null && at.nextOfUser !== session) at = at.nextOfUser;
      if (at !== null) at.nextOfUser = session.nextOfUser;
    }
    session.nextOfUser = null;
  }
}
