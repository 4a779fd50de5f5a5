/** A built app as a process, on ports that stay its own over all its lives. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.ts';
import { tied } from '../postgres/privileges.ts';
import { ServerProcess } from '../servers/server-process.ts';
import type { AppName, AppProcess } from './types.ts';

/** The checkout, from `src` and from `dist`. */
export const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));

const SERVICES: ReadonlySet<AppName> = new Set(['auth', 'chat', 'notification']);

export const isService = (app: AppName): boolean => SERVICES.has(app);

/** Of an app's folder. @throws Error when it is not built */
export function programOf(folder: string): string {
  const file = `${CHECKOUT}apps/${folder}/dist/main.js`;
  if (!existsSync(file)) throw new Error(`${file} is not built: run npm run build first`);
  return file;
}

/** The app that has everything in one process is the one that lists the bus within a process. */
function wholeApp(): string {
  const modules = globSync('apps/*/dist/app.module.js', { cwd: CHECKOUT });
  const found = modules.find((file) => readFileSync(`${CHECKOUT}${file}`, 'utf8').includes('MessagingModule.inProcess('));
  if (found === undefined) throw new Error('no built app lists the bus within a process: run npm run build first');
  return found.split('/')[1] ?? '';
}

/** As `npm start` runs it; see tools/dev/node-flags.ts. */
const FLAGS = ['--enable-source-maps', '--max-semi-space-size=8'];

/**
 * For every built app that a test starts: what V8 made of the sources the first time. A quarter less CPU for each start (0.95 s
 * instead of 1.25), of which a run has hundreds.
 */
export const compileCache = { NODE_COMPILE_CACHE: `${CHECKOUT}node_modules/.cache/veche-compiled` };

interface Spec {
  readonly app: AppName;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly port: number | undefined;
  readonly privatePort: number;
  readonly output: ((text: string) => void) | undefined;
}

/** Chooses its ports; does not start it. */
export async function makeAppProcess(spec: Omit<Spec, 'port' | 'privatePort'>): Promise<AppProcess> {
  return new App({ ...spec, port: isService(spec.app) ? undefined : await freePort(), privatePort: await freePort() });
}

class App extends ServerProcess implements AppProcess {
  readonly app: AppName;
  readonly port: number | undefined;
  readonly privatePort: number;

  constructor({ app, name, env, port, privatePort, output }: Spec) {
    const { file, args } = tied({ file: process.execPath, args: [...FLAGS, programOf(app === 'whole' ? wholeApp() : app)] }, 'SIGKILL');
    super({
      name,
      command: [file, ...args],
      env: {
        PATH: process.env['PATH'],
        ...compileCache,
        ...env,
        ...(port !== undefined && { VECHE_PORT: String(port) }),
        VECHE_PRIVATE_PORT: String(privatePort),
      },
      ready: async () => (await status(privatePort)) === '200',
      stopTimeoutMs: 40_000,
      ...(output && { output }),
    });
    this.app = app;
    this.port = port;
    this.privatePort = privatePort;
  }

  get privateOrigin(): string {
    return `http://127.0.0.1:${this.privatePort}`;
  }

  health(): Promise<string> {
    return status(this.privatePort);
  }
}

function status(port: number): Promise<string> {
  return new Promise((resolve) => {
    const request = get(`http://127.0.0.1:${port}/health/ready`, { timeout: 3_000, agent: false }, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    request.once('timeout', () => request.destroy(new Error('no answer within 3 s')));
    request.once('error', (error) => resolve(error.message));
  });
}
