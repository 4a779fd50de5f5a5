import { type KubeObject, nameOf } from '../renders/objects.ts';

/** The parts of a pod that the policies look at. */
export interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string; readonly hostPort?: number }[];
  readonly volumeMounts?: readonly { readonly mountPath: string }[];
  readonly resources?: { readonly requests?: Readonly<Record<string, unknown>>; readonly limits?: Readonly<Record<string, unknown>> };
  readonly securityContext?: SecurityContext;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
}

export interface Probe {
  readonly httpGet?: { readonly path?: string };
  readonly [handler: string]: unknown;
}

export interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly seccompProfile?: { readonly type?: string };
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly privileged?: boolean;
  readonly procMount?: string;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly sysctls?: readonly unknown[];
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[];
  readonly securityContext?: SecurityContext;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
}

export interface Pod {
  /** Of the object that makes it. */
  readonly owner: string;
  /** Runs until somebody stops it. */
  readonly serves: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

const SERVING = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'];

/** The pod that an object makes, tests and hooks included; those of operators are theirs. */
export function podOf(object: KubeObject): Pod | undefined {
  const template = templateOf(object);
  if (template === undefined) return undefined;
  return { owner: nameOf(object), serves: SERVING.includes(object.kind), annotations: template.metadata?.annotations ?? {}, spec: template.spec };
}

function templateOf({ apiVersion, kind, metadata, spec }: KubeObject): Template | undefined {
  if (apiVersion === 'v1' && kind === 'Pod') return { metadata, spec: spec as PodSpec };
  if (!['apps/v1', 'batch/v1'].includes(apiVersion)) return undefined;
  if (kind === 'CronJob') return (spec as { jobTemplate: { spec: { template: Template } } }).jobTemplate.spec.template;
  return (spec as { template: Template }).template;
}

export const containersOf = ({ spec }: Pod): readonly Container[] => [...(spec.initContainers ?? []), ...spec.containers];
