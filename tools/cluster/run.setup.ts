/** Once for a run: the image of this checkout, in the cluster. */
import type { TestProject } from 'vitest/node';
import { createHash } from 'node:crypto';
import { edgeAddress } from './harness/edge.ts';
import { ROOT } from './harness/helm.ts';
import { run } from './harness/shell.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Name of the image under which the cluster's pods find it. */
    image: string;
    edgeAddress: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const started = Date.now();
  project.provide('edgeAddress', await edgeAddress());
  project.provide('image', process.env['VECHE_IMAGE'] ?? (await build()));
  process.stderr.write(`veche: the image stands after ${Math.round((Date.now() - started) / 1000)} s\n`);
}

/** A tag of its own for each run: a node that has a tag does not look whether it means something else by now. */
async function build(): Promise<string> {
  const tag = `veche:test-${createHash('sha256').update(String(Date.now())).digest('hex').slice(0, 8)}`;
  const output = await run('sh', ['-c', `${process.env['VECHE_IMAGE_LOAD']} "$@"`, 'sh', ROOT, tag], { timeoutMs: 1_800_000 });
  return output.trim().split('\n').at(-1) ?? tag;
}
