/** Users and threads for a test, made over REST as anybody would. */
import { randomUUID } from 'node:crypto';

export interface Person {
  readonly id: string;
  readonly login: string;
  readonly token: string;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export async function call<T>(
  origin: string,
  verb: string,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer<T>> {
  const response = await fetch(origin + path, {
    method: verb,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
}

/** As `call`, but anything but success is an error that shows the body. */
export async function demand<T>(origin: string, verb: string, path: string, options: Parameters<typeof call>[3] = {}): Promise<T> {
  const { status, body } = await call<T>(origin, verb, path, options);
  if (status >= 300) throw new Error(`${verb} ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

export async function register(origin: string, login: string): Promise<Person> {
  const body = { login, password: `password of ${login}`, name: login };
  const { token, user } = await demand<{ token: string; user: { id: string } }>(origin, 'POST', '/auth/register', { body });
  return { id: user.id, login, token };
}

/** A new thread; answers its channel and the command that made it. */
export async function createThread(
  origin: string,
  owner: Person,
  title: string,
  members: readonly Person[],
): Promise<{ channel: string; command_id: string; seq: number }> {
  const command_id = randomUUID();
  const body = { title, members: members.map((member) => member.id) };
  const made = await demand<{ channel: string; seq: number }>(origin, 'POST', '/chat/threads', {
    token: owner.token,
    body,
    headers: { 'idempotency-key': command_id },
  });
  return { ...made, command_id };
}
