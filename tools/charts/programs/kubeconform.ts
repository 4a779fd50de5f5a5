import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { schemaFolder } from '../schemas/schema-folder.ts';
import { buildProgram, builtProgram, goProgram, onPath, type GoProgram } from './go.ts';
import type { Found } from './helm.ts';

const KUBECONFORM: GoProgram = { name: 'kubeconform', package: 'github.com/yannh/kubeconform/cmd/kubeconform', version: 'v0.8.0' };

/** The program and what it compares with; both are fetched once a machine. */
export type Conformity = { readonly file: string; readonly schemas: string } | { readonly problem: string };

export async function findKubeconform(root: string): Promise<Conformity> {
  try {
    const program = await findProgram();
    return 'problem' in program ? program : { file: program.file, schemas: await schemaFolder(root) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

async function findProgram(): Promise<Found> {
  const there = [onPath('kubeconform'), builtProgram(KUBECONFORM)].find((file) => file !== undefined && existsSync(file));
  if (there !== undefined) return { file: there };
  const go = goProgram();
  if (go === undefined) return { problem: 'there is neither kubeconform nor Go 1.26 to build it with' };
  return { file: await buildProgram(go, KUBECONFORM) };
}

interface Verdict {
  readonly resources: readonly { readonly filename: string; readonly kind: string; readonly name: string; readonly status: string; readonly msg: string }[];
}

/** One line for each object in the files of a folder that is not as its API wants it; an object of an unknown kind is one, too. */
export async function nonconforming(program: { readonly file: string; readonly schemas: string }, folder: string): Promise<readonly string[]> {
  const location = join(program.schemas, '{{ .Group }}_{{ .ResourceAPIVersion }}_{{ .ResourceKind }}.json');
  const run = promisify(execFile)(program.file, ['-strict', '-output', 'json', '-n', '2', '-schema-location', location, folder], { maxBuffer: 1 << 28 });
  // It ends with 1 when something is wrong, and says so on stdout all the same.
  const output = await run.then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  );
  const { resources } = JSON.parse(output) as Verdict;
  const wrong = resources.filter(({ status }) => status !== 'statusValid');
  return wrong.map(({ filename, kind, name, msg }) => `${filename.slice(folder.length + 1)}: ${kind} ${name}: ${msg}`).toSorted();
}
