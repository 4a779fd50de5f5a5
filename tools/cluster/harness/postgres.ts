/** Postgres of a namespace, as charts/veche-data makes it with the operator. */
import type { Namespace } from './namespace.ts';

const CLUSTER = 'veche-data-postgres';

/** How often the replicas looked into tables of ours; the operator's own questions do not count. */
export async function scansOfReplica(namespace: Namespace): Promise<number> {
  return Number(await psql(namespace, 'replica', 'SELECT coalesce(sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0)), 0) FROM pg_stat_user_tables'));
}

/** What a statement prints on the server that is in this role now. */
export async function psql(namespace: Namespace, role: 'primary' | 'replica', statement: string): Promise<string> {
  const pod = await podOf(namespace, role);
  return (
    await namespace.kubectl(['exec', pod, '--container=postgres', '--', 'psql', '--dbname=veche', '--tuples-only', '--no-align', '--command', statement])
  ).trim();
}

export async function podOf(namespace: Namespace, role: 'primary' | 'replica'): Promise<string> {
  const [pod] = await namespace.list('pods', `cnpg.io/cluster=${CLUSTER},cnpg.io/instanceRole=${role}`);
  if (pod === undefined) throw new Error(`${CLUSTER} has no ${role}`);
  return pod.metadata.name;
}
