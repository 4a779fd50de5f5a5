/** Once for a run: the programs that the chart tests need, or one plain line on each that is not to be had. */
import { dirname } from 'node:path';
import type { TestProject } from 'vitest/node';
import { withProgress } from '../run/progress.ts';
import { findHelm, type Found } from './programs/helm.ts';
import { type Conformity, findKubeconform } from './programs/kubeconform.ts';

declare module 'vitest' {
  interface ProvidedContext {
    helm: Found;
    kubeconform: Conformity;
  }
}

const ROOT = dirname(dirname(import.meta.dirname));
const say = (line: string): void => void process.stderr.write(`veche: ${line}\n`);

export default async function setup(project: TestProject): Promise<void> {
  const helm = await withProgress(say, 'looking for Helm 4, or building it', findHelm(ROOT));
  if ('problem' in helm) say(`the tests of charts are skipped: ${helm.problem}`);
  const kubeconform = await withProgress(say, 'looking for kubeconform and schemas, or fetching them', findKubeconform(ROOT));
  if ('problem' in kubeconform) say(`no render is compared with the API of Kubernetes: ${kubeconform.problem}`);
  project.provide('helm', helm);
  project.provide('kubeconform', kubeconform);
}
