/** What is revoked, in memory, until no token can need it. */
import type { Control, Revocation } from '@veche/contracts';
import type { Identity } from './identity.ts';

/** Ends sessions: a sign-in session (`sid`), one token (`jti`), or a user's tokens issued before a moment (ms). A `user` beside a `sid` says whose it is. */
export interface Revoked {
  readonly sid?: string;
  readonly jti?: string;
  readonly user?: string;
  readonly issuedBefore?: number;
}

/** Heard as a signal only: forgotten after this time unless the pull has confirmed it. */
const UNCONFIRMED_MS = 3_600_000;

export class RevocationList {
  /** Name → when it may be forgotten, ms since 1970. */
  private readonly sids = new Map<string, number>();
  private readonly jtis = new Map<string, number>();
  private readonly users = new Map<string, { readonly before: number; readonly until: number }>();

  /** @returns whether this was news */
  add(revoked: Revoked, until: number): boolean {
    if (revoked.sid !== undefined) return addName(this.sids, revoked.sid, until);
    if (revoked.jti !== undefined) return addName(this.jtis, revoked.jti, until);
    if (revoked.user === undefined || revoked.issuedBefore === undefined) return false;
    const known = this.users.get(revoked.user);
    this.users.set(revoked.user, { before: Math.max(known?.before ?? 0, revoked.issuedBefore), until: Math.max(known?.until ?? 0, until) });
    return known === undefined || known.before < revoked.issuedBefore;
  }

  has({ sid, jti, user, issuedAt }: Identity): boolean {
    if (sid !== undefined && this.sids.has(sid)) return true;
    if (jti !== undefined && this.jtis.has(jti)) return true;
    const known = user === '' ? undefined : this.users.get(user);
    // A token that does not say when it was issued cannot show that it is newer.
    return known !== undefined && (issuedAt ?? 0) < known.before;
  }

  forget(now: number): void {
    for (const names of [this.sids, this.jtis]) for (const [name, until] of names) if (until < now) names.delete(name);
    for (const [user, { until }] of this.users) if (until < now) this.users.delete(user);
  }

  get size(): number {
    return this.sids.size + this.jtis.size + this.users.size;
  }
}

function addName(names: Map<string, number>, name: string, until: number): boolean {
  const known = names.get(name);
  names.set(name, Math.max(known ?? 0, until));
  return known === undefined;
}

/** Whether a revocation is about this session: for the index of live sessions. */
export function concerns(revoked: Revoked, { sid, jti, user, issuedAt }: Identity): boolean {
  if (revoked.sid !== undefined) return revoked.sid === sid;
  if (revoked.jti !== undefined) return revoked.jti === jti;
  return revoked.user !== undefined && revoked.user === user && (issuedAt ?? 0) < (revoked.issuedBefore ?? 0);
}

export function fromRow({ sid, jti, user, issued_before: issuedBefore }: Revocation): Revoked {
  return { ...(sid !== null && { sid }), ...(jti !== null && { jti }), ...(user !== null && { user }), ...(issuedBefore !== null && { issuedBefore }) };
}

/** From the `data` of a control signal; `undefined` if it says something else. */
export function fromSignal(data: string, now: number): { readonly revoked: Revoked; readonly until: number } | undefined {
  const control = JSON.parse(data) as Control;
  if (control.do !== 'revoke') return undefined;
  const { sid, jti, user, issued_before: issuedBefore } = control;
  const revoked: Revoked = {
    ...(sid !== undefined && { sid }),
    ...(jti !== undefined && { jti }),
    ...(user !== undefined && { user }),
    ...(issuedBefore !== undefined && { issuedBefore }),
  };
  return { revoked, until: now + UNCONFIRMED_MS };
}
