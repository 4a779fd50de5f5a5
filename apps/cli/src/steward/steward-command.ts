/** `veche steward`: runs beside the gateways in Kubernetes until it is told to stop. */
import { setTimeout as passed } from 'node:timers/promises';
import { Logger } from '@veche/platform-telemetry';
import { type Command, EXIT, type Given } from '../command.ts';
import { countOf } from '../parse.ts';
import { KubernetesApi, MOUNTED } from './kubernetes-api.ts';
import { Steward } from './steward.ts';

const SELECTOR = 'app.kubernetes.io/name=veche,app.kubernetes.io/component in (standalone,websocket,sse)';
const SERVER = 'https://kubernetes.default.svc';
const PORT = 8001;
const EVERY_S = 10;

/** @param stopped aborts when the process is told to stop */
export const stewardCommand = (stopped: () => AbortSignal): Command => ({
  name: 'steward',
  summary: 'Tells Kubernetes which pods hold the fewest sessions, so that those go first when a Deployment shrinks. One is enough; runs until it is stopped.',
  options: {
    selector: { type: 'string', value: '<labels>', description: `Pods that hold sessions; default: ${SELECTOR}.` },
    port: { type: 'string', value: '<n>', description: `Private port of those pods; default ${PORT}.` },
    every: { type: 'string', value: '<s>', description: `Seconds between two looks; default ${EVERY_S}.` },
    once: { type: 'boolean', description: 'Look once and end.' },
    namespace: { type: 'string', value: '<name>', description: 'Default: that of the credentials.' },
    server: { type: 'string', value: '<url>', description: `The Kubernetes API; default ${SERVER}.` },
    credentials: { type: 'string', value: '<folder>', description: `With token, ca.crt and namespace; default ${MOUNTED}.` },
  },
  run: async ({ values }, { stdout }) => {
    const log = Logger.to(stdout).child('steward');
    const [port, every] = [countOf(values['port'], 'port', PORT), countOf(values['every'], 'every', EVERY_S)];
    const api = new KubernetesApi({
      server: text(values, 'server') ?? SERVER,
      credentials: text(values, 'credentials') ?? MOUNTED,
      namespace: text(values, 'namespace'),
    });
    const steward = new Steward(api, { selector: text(values, 'selector') ?? SELECTOR, port }, log);
    if (values['once']) {
      await steward.look();
      return EXIT.done;
    }
    return watch(steward, every * 1_000, stopped(), log);
  },
});

/** What fails is tried again at the next look: nothing depends on it but who goes first. */
async function watch(steward: Steward, everyMs: number, stopped: AbortSignal, log: Logger): Promise<number> {
  log.info({ every_ms: everyMs }, 'watching');
  while (!stopped.aborted) {
    await steward.look().catch((error: unknown) => log.error({ err: error }, 'the pods could not be listed'));
    await passed(everyMs, undefined, { signal: stopped }).catch(() => undefined);
  }
  return EXIT.done;
}

function text(values: Given['values'], name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}
