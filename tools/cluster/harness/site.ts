/** Veche in a namespace of its own, as a person runs it there: servers of data, one release, one name at the edge. */
import { eventually } from '@veche/testing';
import { inject, type RunnerTestCase } from 'vitest';
import { resolveAtEdge } from './edge.ts';
import { type Given, Release, type Values } from './helm.ts';
import { Namespace } from './namespace.ts';
import { byGateway, dataValues, host, imageValues, quickDrain } from './release-values.ts';
import { reloadConfiguration } from './postgres.ts';
import { brokerValues, provideBroker } from './broker.ts';

export type Stage = 1 | 2 | 3 | 4;

/** Answered by each edge when it is reached at all; a route that is not there yet is 404, one without pods 503. */
const DOORS = ['/.well-known/jwks.json', '/connection/websocket', '/chat/events'];

export class Site {
  readonly release: Release;
  readonly data: Release;
  private servers: Stage | undefined;
  private at: Stage | undefined;

  private constructor(readonly namespace: Namespace) {
    this.release = new Release(namespace.name, 'veche');
    this.data = new Release(namespace.name, 'veche-data');
  }

  /** An empty one. */
  static async create(name: string): Promise<Site> {
    resolveAtEdge(inject('edgeAddress'));
    // A run that is ended by a signal leaves its worker: hundreds of sockets would go on knocking at the next run's door.
    process.once('disconnect', () => process.exit(1));
    return new Site(await Namespace.create(name));
  }

  get origin(): string {
    return `http://${host(this.namespace.name)}`;
  }

  /** Installs a stage, or moves to it as docs/operations.md says: the servers first, because the release expects what its stage names, then the pods of another topology, then the clients. @returns seconds that helm took */
  async moveTo(stage: Stage, values: Values = {}): Promise<number> {
    const servers = await this.moveServersTo(stage);
    const prepared = this.at === 1 && stage > 1 ? await this.release.upgrade(this.given(1, { ...values, prepare: 'split' })) : 0;
    const seconds = await this.release.upgrade(this.given(stage, values));
    this.at = stage;
    await this.reached();
    return servers + prepared + seconds;
  }

  /** Postgres and Valkey by charts/veche-data, and a virtual host of the cluster's broker. */
  private async moveServersTo(stage: Stage): Promise<number> {
    // Servers are not moved back: what a later stage needs serves an earlier one, and Postgres that gives up connections is down for minutes.
    if (this.servers !== undefined && stage <= this.servers) return 0;
    if (this.servers === undefined) await provideBroker(this.namespace);
    this.servers = stage;
    const seconds = await this.data.upgrade({ files: [`stages/stage-${stage}.yaml`, 'profiles/small.yaml'], values: dataValues });
    if (stage > 1) await reloadConfiguration(this.namespace);
    return seconds;
  }

  given(stage: Stage, values: Values = {}): Given {
    const { name } = this.namespace;
    const own = { image: imageValues(inject('image')), route: byGateway(name), rabbitmq: brokerValues(name), drain: quickDrain };
    return { files: [`stages/stage-${stage}.yaml`, 'profiles/small.yaml'], values: { ...own, ...values } };
  }

  private async reached(): Promise<void> {
    for (const path of DOORS) {
      const answered = async (): Promise<boolean> => ![404, 502, 503].includes((await fetch(this.origin + path)).status);
      await eventually(answered, { timeoutMs: 60_000, what: `${this.origin}${path} is answered by its edge` });
    }
  }

  /** After a test: what there is to see when it failed. */
  async evidenceOf(task: RunnerTestCase): Promise<void> {
    if (task.result?.state !== 'fail') return;
    process.stderr.write(`veche: what the cluster had to say of "${task.name}" is in ${await this.namespace.keepEvidence(task.name)}\n`);
  }

  async remove(): Promise<void> {
    await this.namespace.remove();
  }
}
