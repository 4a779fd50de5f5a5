/** A port of a Service on this machine, as long as somebody looks. */
import { spawn } from 'node:child_process';
import type { Namespace } from './namespace.ts';

const READY = /Forwarding from (127\.0\.0\.1:\d+)/;

/** @param use gets the origin at which the Service answers here */
export async function forwarded<T>(namespace: Namespace, service: string, port: number, use: (origin: string) => Promise<T>): Promise<T> {
  const child = spawn('kubectl', ['--namespace', namespace.name, 'port-forward', `service/${service}`, `:${port}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    return await use(
      await new Promise((resolve, reject) => {
        let words = '';
        const hear = (text: string): void => {
          words += text;
          const [, address] = READY.exec(words) ?? [];
          if (address) resolve(`http://${address}`);
        };
        for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear);
        child.once('close', () => reject(new Error(`service/${service} is not forwarded: ${words}`)));
      }),
    );
  } finally {
    child.kill();
  }
}
