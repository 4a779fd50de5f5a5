/** What the cluster tier stands on, and one plain line about what is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** A tool that makes test clusters: it prints a cluster's environment, paths of programs, and builds images. */
const TOOL = join(resolve(ROOT, process.env['VECHE_KUBE'] ?? '../shared/kube'), 'kube');

/** Set in the environment of a run, or why there can be none. */
export type Requirements = { readonly missing: string } | { readonly env: Readonly<Record<string, string>> };

const works = (program: string, args: readonly string[]): boolean => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const outputOf = (program: string, args: readonly string[]): string => spawnSync(program, args, { encoding: 'utf8' }).stdout.trim();

/** Of the shell's environment, then of the tool. */
export function requirements(env: NodeJS.ProcessEnv = process.env): Requirements {
  const tool = existsSync(TOOL) && works(TOOL, ['status']) ? environmentOf(TOOL) : undefined;
  const load = env['VECHE_IMAGE_LOAD'] ?? (tool && `${TOOL} image build`);
  const KUBECONFIG = env['KUBECONFIG'] ?? tool?.KUBECONFIG ?? usual();
  if (KUBECONFIG === undefined) return { missing: 'KUBECONFIG names no cluster, and no test cluster is up' };
  if (load === undefined)
    return { missing: 'VECHE_IMAGE_LOAD is not set: a command that builds DIR as TAG, gives it to the cluster and prints its name there' };
  const PATH = [...(tool ? [tool.PATH] : []), env['PATH'] ?? ''].join(delimiter);
  const found = { KUBECONFIG, PATH, VECHE_IMAGE_LOAD: load };
  return missingProgram({ ...env, ...found }) ?? { env: found };
}

/** Where kubectl looks when nobody says anything. */
function usual(): string | undefined {
  const file = join(homedir(), '.kube', 'config');
  return existsSync(file) ? file : undefined;
}

/** `export KUBECONFIG=… PATH=…:$PATH` */
function environmentOf(tool: string): { KUBECONFIG: string; PATH: string } | undefined {
  const [, KUBECONFIG, PATH] = /KUBECONFIG=(\S+) PATH=([^\s:]+)/.exec(outputOf(tool, ['env'])) ?? [];
  return KUBECONFIG && PATH ? { KUBECONFIG, PATH } : undefined;
}

function missingProgram(env: NodeJS.ProcessEnv): { missing: string } | undefined {
  const asks = { helm: ['version'], kubectl: ['get', '--raw', '/readyz'] };
  const failed = Object.entries(asks).find(([program, args]) => spawnSync(program, args, { env, stdio: 'ignore' }).status !== 0);
  return failed && { missing: `\`${[failed[0], ...failed[1]].join(' ')}\` fails with KUBECONFIG=${env['KUBECONFIG']}` };
}
