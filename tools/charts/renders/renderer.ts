import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Case } from './cases.ts';
import type { Values } from './merged.ts';
import { type KubeObject, objectsIn } from './objects.ts';

/** What helm made of a case, or its words when it refused. */
export interface Render {
  readonly error?: string;
  /** Manifests of objects and hooks, then the notes. */
  readonly text: string;
  readonly manifest: string;
  objects(): readonly KubeObject[];
}

/** More of them at once take longer on the two cores of a small machine. */
const AT_ONCE = 2;

/** Renders without a cluster; a case is rendered once. */
export class Renderer {
  private readonly known = new Map<string, Promise<Render>>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private readonly helm: string;
  private readonly root: string;
  rendered = 0;

  constructor(helm: string, root: string) {
    this.helm = helm;
    this.root = root;
  }

  render(given: Case): Promise<Render> {
    const key = JSON.stringify([given.chart, given.files, given.values]);
    const known = this.known.get(key) ?? this.renderAnew(given);
    this.known.set(key, known);
    return known;
  }

  /** An installation that does not happen: unlike `helm template` it has the notes, too. */
  async renderAnew({ chart, files, values = {} }: Case): Promise<Render> {
    this.rendered++;
    const name = chart.replace('charts/', '');
    const flags = ['--namespace', name, '--dry-run=client', '--output', 'json', ...this.valueFlags(chart, files)];
    const { code, stdout, stderr } = await this.run(['install', name, join(this.root, chart), ...flags], values);
    return code === 0 ? rendered(stdout) : { error: stderr.trim(), text: '', manifest: '', objects: () => [] };
  }

  /** helm's words when its linter finds something. */
  async lint({ chart, files, values = {} }: Case): Promise<string | undefined> {
    const { code, stdout, stderr } = await this.run(['lint', '--strict', '--quiet', join(this.root, chart), ...this.valueFlags(chart, files)], values);
    return code === 0 ? undefined : `${stdout}${stderr}`.trim();
  }

  private readonly valueFlags = (chart: string, files: readonly string[]): string[] =>
    [...files.map((file) => join(this.root, chart, file)), '-'].flatMap((file) => ['--values', file]);

  private async run(args: readonly string[], values: Values): Promise<Ended> {
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      return await ended(this.helm, args, JSON.stringify(values));
    } finally {
      // The place goes to the next in line; only without one it is free.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function ended(file: string, args: readonly string[], input: string): Promise<Ended> {
  // A cluster that happens to be configured must not answer.
  const child = spawn(file, args, { env: { ...process.env, KUBECONFIG: '/dev/null' }, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // It may refuse before it has read everything.
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

interface Release {
  readonly manifest?: string;
  readonly hooks?: readonly { readonly manifest: string }[];
  readonly info: { readonly notes?: string };
}

function rendered(output: string): Render {
  const { manifest = '', hooks = [], info } = JSON.parse(output) as Release;
  const all = [manifest, ...hooks.map((hook) => hook.manifest)].join('\n---\n');
  return { manifest: all, text: `${all}\n${info.notes ?? ''}`, objects: () => objectsIn(all) };
}
