/** Releases of our charts; helm's own words are the error. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './shell.ts';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

export type Values = Readonly<Record<string, unknown>>;

export interface Given {
  /** Of the chart, under its folder: `stages/stage-1.yaml`. */
  readonly files?: readonly string[];
  /** After the files. */
  readonly values?: Values;
  /** Of helm, seconds; default 900, which is longer than any drain here. */
  readonly timeoutS?: number;
}

export class Release {
  constructor(
    readonly namespace: string,
    /** Also the name of the chart's folder. */
    readonly chart: string,
    readonly name = chart,
  ) {}

  /** Installs or upgrades, and waits as a person does who says `--wait`. @returns seconds that it took */
  async upgrade(given: Given): Promise<number> {
    const started = performance.now();
    await this.withValues(given, (flags) =>
      run('helm', ['upgrade', '--install', this.name, this.path, ...this.flags, ...flags, '--wait', `--timeout=${given.timeoutS ?? 900}s`], {
        timeoutMs: 2_000_000,
      }),
    );
    return Math.round((performance.now() - started) / 1000);
  }

  /** The manifests, rendered for the cluster at hand with the APIs that it has. */
  render(given: Given): Promise<string> {
    return this.withValues(given, (flags) => run('helm', ['template', this.name, this.path, ...this.flags, ...flags, '--dry-run=server', '--no-hooks']));
  }

  /** The chart's own tests. */
  test(): Promise<string> {
    return run('helm', ['test', this.name, ...this.flags, '--timeout=300s']);
  }

  async uninstall(): Promise<void> {
    await run('helm', ['uninstall', this.name, ...this.flags, '--wait', '--timeout=600s']);
  }

  private get path(): string {
    return join(ROOT, 'charts', this.chart);
  }

  private get flags(): string[] {
    return ['--namespace', this.namespace];
  }

  private async withValues<T>({ files = [], values = {} }: Given, use: (flags: readonly string[]) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'veche-values-'));
    const own = join(folder, 'values.json');
    writeFileSync(own, JSON.stringify(values));
    const flags = [...files.map((file) => join(this.path, file)), own].flatMap((file) => ['--values', file]);
    return use(flags).finally(() => rmSync(folder, { recursive: true }));
  }
}
