// Behind every `npm run` verb: installs what is missing, puts the right Node first on PATH, builds, then runs the verb.
// It runs before anything is installed and on the Node the machine happens to have (20 or newer): no dependency, no TypeScript.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.veche-installed');
/** Below it type stripping, and what the product itself uses, is missing. */
const OLDEST_NODE = [24, 11];

/** What a verb needs and does; every command is run by the right Node, from the root. */
const VERBS = {
  start: { build: true, run: [['tools/dev/main.ts']] },
  'start:distributed': { build: true, run: [['tools/distributed/main.ts']] },
  test: { build: true, run: [['tools/run/test.ts']] },
  'test:chaos': { build: true, run: [['apps/e2e/dist/chaos/main.js']] },
  'test:charts': { build: false, run: [['tools/run/test.ts', '--project', 'charts']] },
  'test:cluster': { build: true, run: [['tools/cluster/main.ts']] },
  build: { build: true, run: [] },
  check: { build: true, run: [['tools/checks/main.ts']] },
  generate: { build: true, run: [['tools/generate/main.ts']] },
  format: { build: false, run: [['node_modules/.bin/oxfmt', '.']] },
  bench: { build: true, run: [['tools/bench/main.ts']] },
  release: { build: true, run: [['tools/release/main.ts']] },
  seed: { build: true, run: [['tools/seed/main.ts']] },
};

export const isOldEnough = (version, [major, minor] = OLDEST_NODE) => {
  const [a = 0, b = 0] = version.replace(/^v/, '').split('.').map(Number);
  return a > major || (a === major && b >= minor);
};

/** Changes when what must be in node_modules changes, and when node_modules came from another kind of machine. */
export const installationOf = (files, platform = `${process.platform}-${process.arch}`) =>
  files.reduce((hash, text) => hash.update(text).update('\0'), createHash('sha256').update(platform)).digest('hex');

/** Of package.json what npm looks at; a script may change without a new installation. */
const dependenciesOf = (text) => {
  const { workspaces, dependencies, devDependencies, optionalDependencies, overrides, allowScripts } = JSON.parse(text);
  return JSON.stringify({ workspaces, dependencies, devDependencies, optionalDependencies, overrides, allowScripts });
};

const say = (text) => process.stderr.write(`veche: ${text}\n`);

class Failed extends Error {}

async function main([verb, ...rest]) {
  const plan = VERBS[verb];
  if (!plan) throw new Failed(`unknown verb ${JSON.stringify(verb ?? '')}; there are: ${Object.keys(VERBS).join(', ')}`);
  await install();
  const node = await rightNode();
  const env = environment();
  if (plan.build) await build(node, env);
  for (const command of plan.run) {
    const code = await run(node, [...command.slice(0, 1).map((file) => join(ROOT, file)), ...command.slice(1), ...rest], {
      env,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    if (code !== 0) return code;
  }
  return 0;
}

async function install() {
  const wanted = installationOf([dependenciesOf(readFileSync(join(ROOT, 'package.json'), 'utf8')), readFileSync(join(ROOT, 'package-lock.json'))]);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  // `npm ci` would stop at a lockfile that was made on a platform with other optional binaries; --no-save keeps it as it is.
  const flags = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [file, args] = npm ? [process.execPath, [npm, ...flags]] : ['npm', flags];
  const { code, output } = await quietly('installing packages', file, args, process.env);
  if (code !== 0) throw new Failed(`${output.trim()}\n\nveche: the packages could not be installed (npm ended with ${code}). ${hintFor(output)}`);
  writeFileSync(STAMP, wanted);
}

export function hintFor(output) {
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|network/i.test(output))
    return 'npm could not reach its registry: check the network and the proxy (npm config get registry), then run the same command again.';
  if (/ENOSPC/.test(output)) return 'The disk is full: some 900 MB are needed for node_modules. Free space, then run the same command again.';
  if (/EACCES|EPERM|EROFS/.test(output))
    return `This user may not write to ${MODULES}: change its owner, or remove it as the user who made it, then run the same command again.`;
  return 'Run `npm install --no-save` to see more, then run the same command again.';
}

/** The machine's own Node when it is new enough, else the one that npm installed. */
async function rightNode() {
  const installed = join(MODULES, '.bin', 'node');
  if (existsSync(installed) && isOldEnough(await versionOf(installed))) return installed;
  if (isOldEnough(process.version)) return process.execPath;
  throw new Failed(
    `Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.version}, and npm brings no Node for ${process.platform}-${process.arch}. Install it from nodejs.org, then run the same command again.`,
  );
}

async function versionOf(file) {
  const { code, output } = await capture(file, ['-v'], process.env);
  return code === 0 ? output.trim() : 'v0.0';
}

const environment = () => ({
  ...process.env,
  PATH: `${join(MODULES, '.bin')}${delimiter}${process.env.PATH ?? ''}`,
  NX_TUI: 'false',
  NX_DAEMON: 'false',
});

async function build(node, env) {
  const args = [join(MODULES, '.bin', 'nx'), 'run-many', '--targets=build', '--output-style=static'];
  const { code, output } = await quietly('building', node, args, env);
  if (code !== 0) throw new Failed(`${output.trim()}\n\nveche: the build failed.`);
}

/** Shows nothing but a line of progress, from two seconds on; the output is for the caller, should it fail. */
async function quietly(what, file, args, env) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let shown = false;
  const tick = setInterval(() => {
    if (seconds() === 2 || seconds() % 10 === 0) {
      shown = true;
      say(`${what} … ${seconds()} s`);
    }
  }, 1000);
  const result = await capture(file, args, env).finally(() => clearInterval(tick));
  if (shown && result.code === 0) say(`${what}: done in ${seconds()} s`);
  return result;
}

function capture(file, args, env) {
  let output = '';
  return run(file, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    watch: (child) => {
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    },
  }).then((code) => ({ code, output }));
}

/** Resolves with the exit code; what we are told to do, the child is told. */
function run(file, args, { env, stdio, watch = () => {} }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: ROOT, env, stdio });
    watch(child);
    const relays = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => [name, () => child.kill(name)]);
    for (const [name, relay] of relays) process.on(name, relay);
    const orphaned = orphanWatch(() => child.kill('SIGTERM'));
    const end = (code) => {
      clearInterval(orphaned);
      for (const [name, relay] of relays) process.off(name, relay);
      resolve(code);
    };
    child.once('error', (error) => (say(`${file} cannot be run: ${error.message}`), end(127)));
    child.once('close', (code, signal) => end(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/** npm killed by SIGKILL tells nobody, nor does the shell between it and us: what they started must not run on for ever. */
function orphanWatch(stop) {
  if (!process.env.npm_lifecycle_event) return undefined;
  const parent = process.ppid;
  const npm = isShell(parent) ? parentOf(parent) : undefined;
  const orphaned = () => process.ppid !== parent || (npm !== undefined && parentOf(parent) !== npm);
  return setInterval(() => orphaned() && stop(), 1000).unref();
}

const proc = (pid, file) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
};
const isShell = (pid) => /^[^\0]*sh\0-c\0/.test(proc(pid, 'cmdline'));
/** The name in the line may hold spaces and parentheses: count from its end. */
const parentOf = (pid) =>
  Number(
    proc(pid, 'stat')
      .replace(/^.*\) /s, '')
      .split(' ')[1],
  ) || undefined;

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  main(process.argv.slice(2)).then(
    (code) => (process.exitCode = code),
    (error) => {
      say(error instanceof Failed ? error.message : error.stack);
      process.exitCode = 1;
    },
  );
}
