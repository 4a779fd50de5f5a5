/** The cluster's one RabbitMQ: each namespace has a virtual host, so that no test meets the queues of another. */
import type { Values } from './helm.ts';
import type { Namespace } from './namespace.ts';
import { run } from './shell.ts';

/** Its namespace and its Service; user and password are `veche`. */
const BROKER = 'rabbitmq';

/** Values of `veche`: the broker is somebody else's. */
export const brokerValues = (vhost: string): Values => ({ hosts: [`${BROKER}.${BROKER}`], vhost });

/** An empty virtual host named as the namespace, and the Secret with the user. */
export async function provideBroker(namespace: Namespace): Promise<void> {
  const vhost = namespace.name;
  if ((await rabbitmqctl(['list_vhosts', 'name'])).split('\n').includes(vhost)) await rabbitmqctl(['delete_vhost', vhost]);
  await rabbitmqctl(['add_vhost', vhost]);
  await rabbitmqctl(['set_permissions', '--vhost', vhost, 'veche', '.*', '.*', '.*']);
  const stringData = { username: 'veche', password: 'veche' };
  await namespace.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'veche-data-rabbitmq' }, stringData });
}

const rabbitmqctl = (args: readonly string[]): Promise<string> =>
  run('kubectl', ['--namespace', BROKER, 'exec', `statefulset/${BROKER}`, '--', 'rabbitmqctl', '--quiet', ...args]);
