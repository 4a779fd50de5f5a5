/** Veche in a namespace of its own, as somebody runs it there who follows docs/operations.md. */
import { eventually } from '@veche/testing';
import { inject, type RunnerTestCase } from 'vitest';
import { merged } from '../../charts/renders/merged.ts';
import { brokerValues, provideBroker } from './broker.ts';
import { resolveAtEdge } from './edge.ts';
import { type Values, valuesOf } from './helm.ts';
import { Namespace } from './namespace.ts';
import { Operator } from '../operator/operator.ts';
import { byGateway, crowdSettings, dataValues, host, imageValues, observabilityValues, quickDrain } from './release-values.ts';

export type Stage = 1 | 2 | 3 | 4;

/** Answered by each edge when it is reached at all; a route that is not there yet is 404, one without pods 503. */
const DOORS = ['/.well-known/jwks.json', '/connection/websocket', '/chat/events'];

export class Site {
  readonly namespace: Namespace;
  private readonly operator: Operator;
  private readonly own: Values;
  private at: Stage = 1;
  private lost: string | undefined;

  constructor(name: string) {
    this.namespace = new Namespace(name);
    this.operator = new Operator(name);
    this.own = merged(valuesOf('veche', 'profiles/small.yaml'), {
      image: imageValues(inject('image')),
      route: byGateway(name),
      rabbitmq: brokerValues(name),
      secrets: { existingSecret: 'veche' },
      drain: quickDrain,
      settings: crowdSettings,
    });
    resolveAtEdge(inject('edgeAddress'));
    // A run that is ended by a signal leaves its worker: hundreds of sockets would go on knocking at the next run's door.
    process.once('disconnect', () => process.exit(1));
  }

  get origin(): string {
    return `http://${host(this.namespace.name)}`;
  }

  /** Why nothing more can be shown here, when a step before did not come to its end. */
  get obstacle(): string | undefined {
    return this.lost;
  }

  /** Stage 1 in a new namespace. @returns seconds */
  async install(): Promise<number> {
    await this.namespace.clear();
    this.write({});
    this.operator.write('my-data.yaml', merged(valuesOf('veche-data', 'profiles/small.yaml'), dataValues));
    this.operator.write('my-observability.yaml', merged(valuesOf('veche-observability', 'profiles/small.yaml'), observabilityValues));
    return this.step(() => this.operator.follow('Install'));
  }

  /** One stage further. @returns seconds */
  async grow(values: Values = {}): Promise<number> {
    if (this.at === 1) await provideBroker(this.namespace);
    this.at = (this.at + 1) as Stage;
    this.write(values);
    return this.step(() => this.operator.follow(`To stage ${this.at}`));
  }

  /** The stage before, as helm remembers it. @returns seconds */
  async stepBack(): Promise<number> {
    this.at = (this.at - 1) as Stage;
    return this.step(() => this.operator.follow('Roll back'));
  }

  /** A section of the page that changes neither stage nor values. @returns seconds */
  async follow(heading: string): Promise<number> {
    return this.step(() => this.operator.follow(heading));
  }

  /** Not a step: nothing is reached afterwards. */
  async uninstall(): Promise<void> {
    await this.operator.follow('Uninstall');
  }

  /** The same stage with other values beside those of every test. */
  async change(values: Values): Promise<void> {
    this.write(values);
    const stage = `charts/veche/stages/stage-${this.at}.yaml`;
    await this.step(() => this.operator.shell(`helm upgrade veche charts/veche -n veche -f ${stage} -f my-values.yaml --wait --timeout 20m`));
  }

  /** After a test: what there is to see when it failed. */
  async evidenceOf(task: RunnerTestCase): Promise<void> {
    if (task.result?.state !== 'fail') return;
    process.stderr.write(`veche: what the cluster had to say of "${task.name}" is in ${await this.namespace.keepEvidence(task.name)}\n`);
  }

  async remove(): Promise<void> {
    this.operator.leave();
    await this.namespace.clear();
  }

  private write(values: Values): void {
    this.operator.write('my-values.yaml', merged(this.own, values));
  }

  private async step(take: () => Promise<number>): Promise<number> {
    this.lost = 'a step before this one did not come to its end';
    const seconds = await take();
    await this.reached();
    this.lost = undefined;
    return seconds;
  }

  private async reached(): Promise<void> {
    for (const path of DOORS) {
      const answered = async (): Promise<boolean> => ![404, 502, 503].includes((await fetch(this.origin + path)).status);
      await eventually(answered, { timeoutMs: 60_000, what: `${this.origin}${path} is answered by its edge` });
    }
  }
}
