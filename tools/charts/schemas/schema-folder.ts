/** What kubeconform compares with, made of what the Go modules of Kubernetes and of the operators carry; kept between runs. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder, goProgram, moduleFolder } from '../programs/go.ts';
import { crdSchemas } from './crds.ts';
import { kubernetesSchemas, type SchemaFiles } from './kubernetes.ts';

const KUBERNETES = 'k8s.io/kubernetes@v1.35.4';

/** Where each module keeps its definitions. Not the newest in each case: the module proxy refuses some, or lacks their checksums. */
const OPERATORS: Readonly<Record<string, string>> = {
  'github.com/cloudnative-pg/cloudnative-pg@v1.30.0': 'config/crd/bases/*.yaml',
  'github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0': 'config/crd/bases/*.yaml',
  'github.com/grafana/grafana-operator/v5@v5.18.0': 'config/crd/bases/*.yaml',
  'github.com/kedacore/keda/v2@v2.20.2': 'config/crd/bases/*.yaml',
  'github.com/prometheus-operator/prometheus-operator@v0.85.0': 'example/prometheus-operator-crd/*.yaml',
  'github.com/rabbitmq/messaging-topology-operator@v1.20.1': 'config/crd/bases/*.yaml',
  'k8s.io/autoscaler/vertical-pod-autoscaler@v1.7.1': 'deploy/vpa-v1-crd-gen.yaml',
  'sigs.k8s.io/gateway-api@v1.6.3': 'config/crd/standard/*.yaml',
};

/** The schemas, made anew when something above them changed. @throws Error in one sentence */
export async function schemaFolder(root: string): Promise<string> {
  // RabbitmqCluster and the policies of Envoy Gateway come with the tool for test clusters: their modules cannot be had.
  const published = join(resolve(root, process.env['VECHE_KUBE'] ?? '../shared/kube'), 'crds');
  const target = join(cacheFolder(), `schemas-${fingerprint(published)}`);
  if (existsSync(target)) return target;
  const go = goProgram();
  if (go === undefined) throw new Error('the schemas of Kubernetes come from its Go module, and there is no Go 1.26');
  write(target, { ...(await ofModules(go)), ...crdSchemas(published, '*.yaml') });
  return target;
}

async function ofModules(go: string): Promise<SchemaFiles> {
  const kubernetes = kubernetesSchemas(await moduleFolder(go, KUBERNETES));
  const others: SchemaFiles[] = [];
  for (const [module, pattern] of Object.entries(OPERATORS)) others.push(crdSchemas(await moduleFolder(go, module), pattern));
  return Object.assign({}, kubernetes, ...others) as SchemaFiles;
}

function fingerprint(published: string): string {
  const sources = [...globSync('*.ts', { cwd: import.meta.dirname }).map((file) => join(import.meta.dirname, file)), ...globSync(join(published, '*.yaml'))];
  const hash = createHash('sha256');
  for (const file of sources.toSorted()) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

/** Whole or not at all: two runs may do this at a time. */
function write(target: string, files: SchemaFiles): void {
  mkdirSync(cacheFolder(), { recursive: true });
  const draft = mkdtempSync(join(cacheFolder(), 'schemas-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(draft, name), text);
    if (!existsSync(target)) renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
