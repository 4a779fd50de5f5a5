import { type Container, containersOf, type Pod, type SecurityContext } from './pods.ts';

/** Why a pod has a token for the API server: an annotation with the reason. */
export const TOKEN_REASON = 'veche/token-because';

const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];

/** What Pod Security `restricted` refuses, and what is ours beyond it; one line each. */
export function notRestricted(pod: Pod): readonly string[] {
  return [...ofPod(pod), ...containersOf(pod).flatMap((each) => ofContainer(pod, each).map((line) => `container ${each.name}: ${line}`))].map(
    (line) => `${pod.owner}: ${line}`,
  );
}

const failing = (rules: Readonly<Record<string, boolean>>): string[] => Object.keys(rules).filter((rule) => !rules[rule]);

function ofPod({ spec, annotations }: Pod): string[] {
  const volumes = spec.volumes ?? [];
  return [
    ...failing({
      'hostNetwork, hostPID or hostIPC is set': !spec.hostNetwork && !spec.hostPID && !spec.hostIPC,
      'sysctls are set': (spec.securityContext?.sysctls ?? []).length === 0,
      'enableServiceLinks is not false': spec.enableServiceLinks === false,
      [`automountServiceAccountToken is not false, and no annotation ${TOKEN_REASON} says why`]:
        spec.automountServiceAccountToken === false || Boolean(annotations[TOKEN_REASON]),
      [`a token is projected into a volume, and no annotation ${TOKEN_REASON} says why`]:
        !JSON.stringify(volumes).includes('"serviceAccountToken"') || Boolean(annotations[TOKEN_REASON]),
    }),
    ...volumes.flatMap(({ name, ...source }) => [
      ...Object.keys(source)
        .filter((kind) => !VOLUMES.includes(kind))
        .map((kind) => `volume ${name}: ${kind} is not allowed`),
      ...(source['emptyDir'] && !(source['emptyDir'] as { sizeLimit?: unknown }).sizeLimit ? [`volume ${name}: emptyDir has no sizeLimit`] : []),
    ]),
  ];
}

function ofContainer({ spec: { securityContext: pod = {} } }: Pod, { securityContext: own = {}, ports = [] }: Container): string[] {
  const both: SecurityContext = { ...pod, ...own };
  return failing({
    'runAsNonRoot is not true': both.runAsNonRoot === true,
    'runAsUser is 0': both.runAsUser !== 0,
    'seccompProfile is neither RuntimeDefault nor Localhost': ['RuntimeDefault', 'Localhost'].includes(both.seccompProfile?.type ?? ''),
    'allowPrivilegeEscalation is not false': own.allowPrivilegeEscalation === false,
    'readOnlyRootFilesystem is not true': own.readOnlyRootFilesystem === true,
    'capabilities are not dropped: ALL': own.capabilities?.drop?.includes('ALL') === true,
    'capabilities are added': (own.capabilities?.add ?? []).every((each) => each === 'NET_BIND_SERVICE'),
    'it is privileged': !own.privileged,
    'procMount is set': (own.procMount ?? 'Default') === 'Default',
    'a hostPort is set': ports.every(({ hostPort }) => !hostPort),
  });
}
