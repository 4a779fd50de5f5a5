/** How long a process of an app takes from its start to readiness, where it runs: in the image, beside its servers. */
import type { Namespace } from './namespace.ts';
import { nodeIn } from './pods.ts';

/** On ports of its own beside the one that serves; ended at once, because nobody knows of it. */
const SCRIPT = `
import { spawn } from 'node:child_process';
const env = { ...process.env, VECHE_PORT: '18000', VECHE_PRIVATE_PORT: '18001' };
const started = performance.now();
const child = spawn(process.execPath, ['--enable-source-maps', '--max-semi-space-size=8', FILE], { env, stdio: 'ignore' });
const ready = () => fetch('http://127.0.0.1:18001/health/ready').then((answer) => answer.ok, () => false);
while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 10));
console.log(Math.round(performance.now() - started));
child.kill('SIGKILL');
process.exit();
`;

/** Milliseconds. @param app of the image, run with the settings of the pod */
export async function coldStartMs(namespace: Namespace, pod: string, app: string): Promise<number> {
  return Number(await nodeIn(namespace, pod, SCRIPT.replace('FILE', JSON.stringify(`/app/apps/${app}/dist/main.js`))));
}
