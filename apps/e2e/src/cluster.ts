/** Veche as several processes behind nginx: to a test the same as one. */
import { type Constellation, type ConstellationOptions, startConstellation } from '@veche/testing';
import type { HealthAnswer, Veche, VecheOptions } from './veche.ts';

/** On servers of the run, with a database, a vhost and a Redis of its own. */
export async function startCluster(topology: ConstellationOptions['topology'], { env = {}, adminUrl }: VecheOptions): Promise<Cluster> {
  return new Cluster(
    await startConstellation({ topology, env, servers: 'shared', replicas: { auth: 1, notification: 1 }, ...(adminUrl !== undefined && { adminUrl }) }),
  );
}

export class Cluster implements Veche {
  constructor(private readonly constellation: Constellation) {}

  get origin(): string {
    return this.constellation.origin;
  }

  get database(): { readonly url: string } {
    return { url: this.constellation.databaseUrl };
  }

  get log(): string {
    return this.constellation.apps.map(({ log }) => log).join('\n');
  }

  get pids(): readonly number[] {
    return this.constellation.apps.map(({ pid }) => pid);
  }

  async metrics(): Promise<string> {
    const pages = this.constellation.apps.map(async ({ privateOrigin }) => (await fetch(`${privateOrigin}/metrics`)).text());
    return (await Promise.all(pages)).join('\n');
  }

  health(probe: 'live' | 'ready'): Promise<readonly HealthAnswer[]> {
    return Promise.all(
      this.constellation.apps.map(async ({ privateOrigin }) => {
        const response = await fetch(`${privateOrigin}/health/${probe}`);
        return { status: response.status, body: (await response.json()) as HealthAnswer['body'] };
      }),
    );
  }

  async kill(): Promise<void> {
    await Promise.all(this.constellation.apps.map((one) => one.kill()));
  }

  async start(): Promise<void> {
    await Promise.all(this.constellation.apps.map((one) => one.start()));
  }

  async crash(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async crashSome(): Promise<void> {
    const { apps } = this.constellation;
    const first = Math.floor(Math.random() * 2);
    const struck = apps.filter((_, index) => index % 2 === first);
    await Promise.all(struck.map((one) => one.kill()));
    await Promise.all(struck.map((one) => one.start()));
  }

  async stop(): Promise<void> {
    const forced = await this.constellation.stop();
    if (forced.length > 0) throw new Error(`${forced.join(', ')} did not end with code 0 by themselves; last words:\n${this.log.slice(-20_000)}`);
  }
}
