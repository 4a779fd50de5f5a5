/** Programs and files of public Go modules, fetched once a machine: nothing is installed, and any user may. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Shared by the checkouts of a user. */
export const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'veche');

export const onPath = (file: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, file))
    .find(existsSync);

/** The Go of this machine, when it is new enough for what is built here. */
export function goProgram(): string | undefined {
  const go = onPath('go') ?? ['/usr/local/go/bin/go'].find(existsSync);
  const version = go && /go1\.(\d+)/.exec(spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8' }).stdout)?.[1];
  return Number(version) >= 26 ? go : undefined;
}

export interface GoProgram {
  readonly name: string;
  readonly package: string;
  readonly version: string;
}

/** Where it is kept once it was built. */
export const builtProgram = ({ name, version }: GoProgram): string => join(cacheFolder(), `${name}-${version}`, name);

/** Its path; built when it is not there, which takes minutes. @throws Error with the last words of Go */
export async function buildProgram(go: string, program: GoProgram): Promise<string> {
  const target = builtProgram(program);
  if (existsSync(target)) return target;
  const work = mkdtempSync(join(tmpdir(), 'veche-go-'));
  try {
    const env = { ...process.env, GOBIN: work, GOFLAGS: '-buildvcs=false', CGO_ENABLED: '0' };
    const flags = ['install', '-trimpath', '-ldflags', '-s -w', `${program.package}@${program.version}`];
    await runGo(['nice', '-n', '10', go, ...flags], work, env);
    mkdirSync(join(target, '..'), { recursive: true });
    // Whole or not at all: two runs may do this at a time.
    renameSync(join(work, program.name), target);
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The folder with the files of a module, such as `k8s.io/kubernetes@v1.35.4`. @throws Error with the last words of Go */
export async function moduleFolder(go: string, module: string): Promise<string> {
  const output = await runGo([go, 'mod', 'download', '-json', module], tmpdir(), { ...process.env, GOFLAGS: '-mod=mod' });
  return (JSON.parse(output) as { Dir: string }).Dir;
}

async function runGo([file = '', ...args]: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  // Asynchronously: a test runner takes a process that is silent for a minute for dead.
  const run = promisify(execFile)(file, args, { cwd, env });
  const { stdout } = await run.catch((error: unknown) => {
    const { stderr = '', stdout: said = '' } = error as { stderr?: string; stdout?: string };
    throw new Error(`${stderr}${said}`.trim().split('\n').slice(-3).join('; ') || String(error), { cause: error });
  });
  return stdout;
}
