/** Where Jaeger v2 is on this machine: named by VECHE_JAEGER, on PATH, or built once from its public module where Go is. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The program of Jaeger 2.2.0 stands in the tags of version 1; newer tags lack checksums or dependencies. */
const MODULE = 'github.com/jaegertracing/jaeger';
const VERSION = 'v1.65.0';
const MISSING = 'set VECHE_JAEGER to the program of Jaeger v2, put it on PATH as "jaeger", or install Go 1.26 or newer to have it built';

/** Why there is none, in one sentence; undefined when there is one or it can be built. */
export const jaegerProblem = (): string | undefined => ((foundJaeger() ?? goProgram()) ? undefined : `Jaeger is not here: ${MISSING}`);

/** Its path; builds it when it must: minutes, once a machine. @throws Error that says what to do */
export async function jaegerProgram(): Promise<string> {
  const found = foundJaeger();
  if (found !== undefined) return found;
  const go = goProgram();
  if (go === undefined) throw new Error(jaegerProblem());
  return built(go);
}

function foundJaeger(): string | undefined {
  const named = process.env['VECHE_JAEGER'];
  if (named) return named;
  return onPath('jaeger') ?? (existsSync(BUILT) ? BUILT : undefined);
}

const BUILT = join(homedir(), '.cache', 'veche', `jaeger-${VERSION}`, 'jaeger');

function goProgram(): string | undefined {
  const go = onPath('go') ?? ['/usr/local/go/bin/go'].find(existsSync);
  const version = go && /go1\.(\d+)/.exec(spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8' }).stdout)?.[1];
  return Number(version) >= 26 ? go : undefined;
}

/** Asynchronously: a test runner takes a worker that is silent for a minute for dead. */
async function built(go: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'veche-jaeger-'));
  try {
    writeFileSync(join(work, 'go.mod'), `module veche.local/jaeger\n\ngo 1.26.0\n\ntool ${MODULE}/cmd/jaeger\n\nrequire ${MODULE} ${VERSION}\n`);
    const env = { ...process.env, GOBIN: work, GOFLAGS: '-mod=mod -buildvcs=false', CGO_ENABLED: '0' };
    await promisify(execFile)('nice', ['-n', '10', go, 'install', '-trimpath', '-ldflags', '-s -w', 'tool'], { cwd: work, env }).catch((error: unknown) => {
      const words = String((error as { stderr?: string }).stderr ?? error).trim();
      throw new Error(`Jaeger could not be built: ${words.split('\n').slice(-3).join('; ')}. Instead, ${MISSING}`, { cause: error });
    });
    mkdirSync(join(BUILT, '..'), { recursive: true });
    renameSync(join(work, 'jaeger'), BUILT);
    return BUILT;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const onPath = (file: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, file))
    .find(existsSync);
