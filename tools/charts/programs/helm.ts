/** Which Helm 4 renders the charts. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildProgram, builtProgram, goProgram, onPath, type GoProgram } from './go.ts';

const HELM: GoProgram = { name: 'helm', package: 'helm.sh/helm/v4/cmd/helm', version: 'v4.2.4' };
/** Some minutes when it builds helm, and whoever brings a cluster up holds its lock. */
const PATIENCE_MS = 900_000;

export type Found = { readonly file: string } | { readonly problem: string };

/** Named by VECHE_HELM, on PATH, of the tool for test clusters, or built with Go. */
export async function findHelm(root: string): Promise<Found> {
  const named = process.env['VECHE_HELM'];
  if (named) return isHelm4(named) ? { file: named } : { problem: `VECHE_HELM=${named} is not Helm 4` };
  const there = [onPath('helm'), builtProgram(HELM)].find((file) => file !== undefined && existsSync(file) && isHelm4(file));
  if (there !== undefined) return { file: there };
  return (await ofClusterTool(root)) ?? built();
}

const isHelm4 = (file: string): boolean => /^v4\./.test(spawnSync(file, ['version', '--template', '{{.Version}}'], { encoding: 'utf8' }).stdout ?? '');

/** Undefined where there is no such tool, or it cannot make one. */
async function ofClusterTool(root: string): Promise<Found | undefined> {
  const tool = join(resolve(root, process.env['VECHE_KUBE'] ?? '../shared/kube'), 'kube');
  if (!existsSync(tool)) return undefined;
  const run = promisify(execFile)(tool, ['program', 'helm'], { timeout: PATIENCE_MS });
  const file = await run.then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  return file && isHelm4(file) ? { file } : undefined;
}

async function built(): Promise<Found> {
  const go = goProgram();
  const instead = 'put Helm 4 on PATH, or name it in VECHE_HELM';
  if (go === undefined) return { problem: `there is neither Helm 4 nor Go 1.26 to build it with: ${instead}` };
  return buildProgram(go, HELM).then(
    (file) => ({ file }),
    (error: unknown) => ({ problem: `Helm 4 could not be built (${(error as Error).message}): ${instead}` }),
  );
}
