/** Threads with members of their own, each a user with one session that follows its thread, and the load on them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClientStat, LoadClient, OUTPUT } from './native/native.ts';
import { type Site, tokenOf } from './sites.ts';

export const SEND = '{"id":9,"rpc":{"method":"chat.send","data":{"channel":"%m","command_id":"%c","text":"%t how are you?"}}}';
export const SUBSCRIBE = '{"id":1,"connect":{"token":"%k"}}%n{"id":2,"subscribe":{"channel":"%m"}}';
/** From where it had got to. */
export const RESUME = '{"id":1,"connect":{"token":"%k"}}%n{"id":2,"subscribe":{"channel":"%m","recover":true,"offset":%o,"epoch":"%e"}}';

export interface Crowd {
  readonly threads: number;
  readonly members: number;
}

/** Lines of the load generator's tokens file: a member's token and the thread. */
export async function gather(site: Site, { threads, members }: Crowd, name: string): Promise<string[]> {
  const lines: string[] = [];
  for (let thread = 0; thread < threads; thread++) {
    const users = Array.from({ length: members }, (_, member) => `${name}-${thread}-${member}`);
    const { channel } = await site.post<{ channel: string }>('/chat/threads', { title: `thread ${thread}`, members: users.slice(1) }, tokenOf(users[0]!));
    for (const user of users) lines.push(`${tokenOf(user)} ${channel}`);
  }
  return lines;
}

/** Everybody connected and following. */
export async function connect(program: string, port: number, lines: readonly string[], name: string): Promise<LoadClient> {
  const [hello, tokens] = [join(OUTPUT, `${name}.hello`), join(OUTPUT, `${name}.tokens`)];
  writeFileSync(hello, SUBSCRIBE);
  writeFileSync(tokens, lines.join('\n'));
  const client = new LoadClient(program, [`${port}`, 'ws:/connection/websocket', `${lines.length}`, freshNet(), hello, tokens], undefined);
  await client.until((stat) => stat.documents >= 2 * lines.length);
  return client;
}

let nets = 0;
/** Addresses of their own for each run: those of the one before are still in TIME_WAIT. */
export const freshNet = (): string => `127.${20 + (process.pid % 200)}.${1 + (nets++ % 250)}`;

export interface Driven extends ClientStat {
  readonly sent: number;
  /** From the first send to the last delivery. */
  readonly seconds: number;
}

/** Every member has one message unanswered at a time, so the system takes what it can; waits until every member has every message, in order. @throws Error when one is lost, doubled, or for somebody else */
export async function drive(client: LoadClient, { seconds, crowd }: { seconds: number; crowd: Crowd }): Promise<Driven> {
  client.tell('reset');
  const start = performance.now();
  client.tell(`flood ${seconds} ${crowd.threads * crowd.members} ${SEND}`);
  const { sent } = (await client.answer()) as { sent: number };
  const stat = await client.until((now) => now.in_order >= (sent - now.errors) * crowd.members);
  const { doubled, skipped, stray } = stat;
  if (doubled + skipped + stray > 0) throw new Error(`${doubled} messages came twice, ${skipped} never, ${stray} to somebody else`);
  return { ...stat, sent: sent - stat.errors, seconds: (performance.now() - start) / 1000 };
}
