import { createServer } from 'node:net';
import { codeOf, Refusal } from './refusal.ts';

export interface Hosts {
  readonly host: string;
  readonly privateHost: string;
}

/** What the server will listen on, by its own rules. */
export function hostsOf(env: NodeJS.ProcessEnv): Hosts {
  const host = env['VECHE_HOST'] || '127.0.0.1';
  return { host, privateHost: env['VECHE_PRIVATE_HOST'] || host };
}

/** Where somebody on this machine reaches what listens on `host`. */
export function originOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** @throws Refusal when one of the ports cannot be listened on, with what to do */
export async function checkPorts({ host, privateHost }: Hosts, { port, privatePort }: { readonly port: number; readonly privatePort: number }): Promise<void> {
  await checkPort(host, port);
  const pair = `set VECHE_PRIVATE_PORT, or choose another pair with --port N (health and metrics take the port after it)`;
  await check(privateHost === host ? 'VECHE_HOST' : 'VECHE_PRIVATE_HOST', privateHost, privatePort, pair);
}

/** Of clients. @throws Refusal as `checkPorts` */
export const checkPort = (host: string, port: number): Promise<void> => check('VECHE_HOST', host, port, 'choose another with --port N');

function check(setting: string, host: string, port: number, advice: string): Promise<void> {
  const refusal = (code: string | undefined): string =>
    code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
      ? `this machine has no address ${host}: set ${setting} to one it has, or to 0.0.0.0 for all of them`
      : `port ${port} on ${host} ${reason(code)}: stop what uses it, or ${advice}`;
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(new Refusal(refusal(codeOf(error)))));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}

function reason(code: string | undefined): string {
  if (code === 'EADDRINUSE') return 'is taken by another program';
  if (code === 'EACCES') return 'may not be used by this user';
  return `cannot be used (${code})`;
}
