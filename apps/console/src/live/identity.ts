/** Who this tab is: signing in, staying signed in, signing out. */
import type { Tokens } from '@veche/contracts';
import { ApiError, issueToken, logout, refresh, register } from './api.ts';
import { loginOf } from './login.rules.ts';
import { dropSession, keepSession, readSession, remember, secretOf } from './vault.ts';

/** The name belongs to somebody: only its password opens it. */
export class PasswordNeeded extends Error {
  override readonly name = 'PasswordNeeded';
}

/**
 * Signs in under a name. Without a password: by the one generated here earlier, or by registering the name with a new one.
 * With a password: as who has it, or by registering a name that nobody has.
 * @throws PasswordNeeded, ApiError
 */
export async function signIn(name: string, typed: string): Promise<Tokens> {
  const login = loginOf(name);
  const password = typed || secretOf(login);
  const tokens = (password && (await whoHas(login, password))) || (await newcomer(login, name.trim(), typed));
  keepSession(tokens);
  return tokens;
}

async function whoHas(login: string, password: string): Promise<Tokens | null> {
  try {
    const tokens = await issueToken(login, password);
    remember({ id: tokens.user.id, login, name: tokens.user.name, ...(secretOf(login) === password && { secret: password }) });
    return tokens;
  } catch (error) {
    if (error instanceof ApiError && [400, 401, 403, 404].includes(error.status)) return null;
    throw error;
  }
}

async function newcomer(login: string, name: string, typed: string): Promise<Tokens> {
  const password = typed || generated();
  try {
    const tokens = await register(login, password, name);
    remember({ id: tokens.user.id, login, name, ...(!typed && { secret: password }) });
    return tokens;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    throw new PasswordNeeded(
      typed ? 'This password does not open this name.' : 'This name is taken. If it is yours, give its password; if not, choose another name.',
    );
  }
}

/** 120 random bits: nobody has to remember it. */
function generated(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => letters[byte & 31]).join('');
}

/** A fresh token, or null when this tab has to sign in anew. @throws ApiError when the server could not be asked. */
export async function renewed(): Promise<Tokens | null> {
  const session = readSession();
  if (!session) return null;
  try {
    return kept(await refresh(session.refresh_token));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0 || error.status === 429 || error.status >= 500) throw error;
  }
  // The refresh token was used by a duplicate of this tab, or has run out.
  const secret = secretOf(session.user.login);
  const again = secret ? await whoHas(session.user.login, secret) : null;
  return again && kept(again);
}

export function leave(): void {
  const session = readSession();
  dropSession();
  // Signing out here must work without the server, too; its session ends by age then.
  if (session) void logout(session.refresh_token).catch(() => undefined);
}

function kept(tokens: Tokens): Tokens {
  keepSession(tokens);
  return tokens;
}
