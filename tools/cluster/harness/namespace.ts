/** A namespace of one test file: Pod Security `restricted` is enforced in it, and it is gone afterwards. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcome, run, type RunOptions } from './shell.ts';

/** An object of the API, as far as a test looks into it. */
export interface Resource<Spec = Readonly<Record<string, unknown>>, Status = Readonly<Record<string, unknown>>> {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec?: Spec;
  readonly status?: Status;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

const LABELS = ['enforce', 'audit', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
const OUTPUT = join(import.meta.dirname, '..', '..', '..', 'test-output', 'cluster');

export class Namespace {
  constructor(readonly name: string) {}

  /** What an interrupted run left under the name goes; it is not made anew. */
  async clear(): Promise<void> {
    await run('kubectl', ['delete', 'namespace', this.name, '--ignore-not-found', '--timeout=240s']);
  }

  /** An empty one. */
  async create(): Promise<void> {
    await this.clear();
    await run('kubectl', ['create', 'namespace', this.name]);
    await run('kubectl', ['label', 'namespace', this.name, ...LABELS]);
  }

  kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return run('kubectl', ['--namespace', this.name, ...args], options);
  }

  apply(...objects: readonly Resource[]): Promise<string> {
    return this.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });
  }

  /** @param kind also with a name: `deployment/veche-api` */
  async get<T extends Resource>(kind: string): Promise<T> {
    return JSON.parse(await this.kubectl(['get', kind, '-o', 'json'])) as T;
  }

  async list<T extends Resource>(kinds: string, selector = ''): Promise<readonly T[]> {
    const text = await this.kubectl(['get', kinds, '-o', 'json', ...(selector ? ['--selector', selector] : [])]);
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** Waits until all of a kind meet the condition (`Ready`, `Complete` …). */
  async until(condition: string, kind: string, timeoutS = 240): Promise<void> {
    await this.kubectl(['wait', `--for=condition=${condition}`, kind, `--timeout=${timeoutS}s`]);
  }

  /** What is asked about a failed test: objects, events, and each container's last words, in test-output/cluster. */
  async keepEvidence(test: string): Promise<string> {
    const folder = join(OUTPUT, this.name, test.replaceAll(/[^\w]+/g, '-').slice(0, 60));
    mkdirSync(folder, { recursive: true });
    const keep = async (file: string, args: readonly string[]): Promise<void> => {
      const { output, errors } = await outcome('kubectl', ['--namespace', this.name, ...args]);
      writeFileSync(join(folder, file), output + errors);
    };
    await keep('objects.txt', ['get', 'all,jobs,pvc,httproute,ingress,cluster.postgresql.cnpg.io', '-o', 'wide']);
    await keep('pods.txt', ['describe', 'pods']);
    await keep('events.txt', ['get', 'events', '--sort-by=.lastTimestamp']);
    for (const { metadata } of await this.list('pods'))
      await keep(`${metadata.name}.log`, ['logs', metadata.name, '--all-containers', '--prefix', '--tail=2000']);
    return folder;
  }
}
