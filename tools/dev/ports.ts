import { createServer } from 'node:net';
import { codeOf, Refusal } from './refusal.ts';

/** @throws Refusal when one of the ports cannot be listened on, with what to do */
export async function checkPorts(host: string, { port, privatePort }: { readonly port: number; readonly privatePort: number }): Promise<void> {
  await check(host, port, `choose another with --port N`);
  await check('127.0.0.1', privatePort, `set VECHE_PRIVATE_PORT, or choose another pair with --port N (health and metrics take the port after it)`);
}

function check(host: string, port: number, advice: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(new Refusal(`port ${port} on ${host} ${reason(codeOf(error))}: stop what uses it, or ${advice}`)));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}

function reason(code: string | undefined): string {
  if (code === 'EADDRINUSE') return 'is taken by another program';
  if (code === 'EACCES') return 'may not be used by this user';
  if (code === 'EADDRNOTAVAIL') return 'cannot be used, because this machine has no such address';
  return `cannot be used (${code})`;
}
