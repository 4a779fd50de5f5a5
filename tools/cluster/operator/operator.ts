/** Whoever follows docs/operations.md: its lines as they stand, in a folder with the charts and the files of values that the page asks for. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, type Values } from '../harness/helm.ts';
import { linesUnder } from './pages.ts';
import { run } from '../harness/shell.ts';

const PAGE = 'docs/operations.md';
/** Longer than any `--timeout` of the page. */
const TIMEOUT_MS = 2_000_000;

export class Operator {
  private readonly folder = mkdtempSync(join(tmpdir(), 'veche-operator-'));

  /** @param namespace takes the place of `veche`, which may be somebody's own */
  constructor(private readonly namespace: string) {
    symlinkSync(join(ROOT, 'charts'), join(this.folder, 'charts'));
  }

  /** Under a name of the page. JSON is YAML. */
  write(file: 'my-values.yaml' | 'my-data.yaml' | 'my-observability.yaml', values: Values): void {
    writeFileSync(join(this.folder, file), JSON.stringify(values));
  }

  /** All lines of a section, in one shell that ends with the first that fails. @returns seconds */
  follow(heading: string): Promise<number> {
    return this.shell(linesUnder(PAGE, heading));
  }

  /** Lines that the page does not have, in its place and its words. @returns seconds */
  async shell(lines: string): Promise<number> {
    const started = performance.now();
    const script = lines.replaceAll(/(?<=-n |namespace )veche\b(?!-)/g, this.namespace);
    await run('bash', ['-euo', 'pipefail', '-c', script], { timeoutMs: TIMEOUT_MS, cwd: this.folder });
    return Math.round((performance.now() - started) / 1000);
  }

  leave(): void {
    rmSync(this.folder, { recursive: true });
  }
}
