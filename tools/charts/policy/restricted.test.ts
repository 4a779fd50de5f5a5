import { expect, test } from 'vitest';
import { objectsIn } from '../renders/objects.ts';
import { careless, duplicates } from './careful.ts';
import { type Pod, podOf } from './pods.ts';
import { notRestricted } from './restricted.ts';

const GOOD = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: good }
spec:
  jobTemplate:
    spec:
      template:
        spec:
          automountServiceAccountToken: false
          enableServiceLinks: false
          securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
          volumes: [{ name: tmp, emptyDir: { sizeLimit: 1Mi } }]
          containers:
            - name: main
              resources: { requests: { cpu: 1, memory: 1Gi }, limits: { memory: 1Gi } }
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
`;
const podIn = (yaml: string): Pod => objectsIn(yaml).map(podOf)[0]!;

test('a pod with everything passes', () => {
  expect([...notRestricted(podIn(GOOD)), ...careless(podIn(GOOD))]).toEqual([]);
});

test.each([
  ['automountServiceAccountToken: false', '', /automountServiceAccountToken is not false/],
  ['enableServiceLinks: false', '', /enableServiceLinks/],
  ['enableServiceLinks: false', 'enableServiceLinks: false\n          hostNetwork: true', /hostNetwork/],
  ['runAsNonRoot: true, ', '', /runAsNonRoot/],
  ['runAsNonRoot: true', 'runAsNonRoot: true, runAsUser: 0', /runAsUser is 0/],
  [', seccompProfile: { type: RuntimeDefault }', '', /seccompProfile/],
  ['sizeLimit: 1Mi', '', /no sizeLimit/],
  ['emptyDir: { sizeLimit: 1Mi }', 'hostPath: { path: / }', /hostPath is not allowed/],
  ['emptyDir: { sizeLimit: 1Mi }', 'projected: { sources: [{ serviceAccountToken: { path: token } }] }', /token is projected/],
  ['allowPrivilegeEscalation: false, ', '', /allowPrivilegeEscalation/],
  ['readOnlyRootFilesystem: true, ', '', /readOnlyRootFilesystem/],
  ['drop: [ALL]', 'drop: [NET_RAW]', /not dropped: ALL/],
  ['drop: [ALL]', 'drop: [ALL], add: [SYS_TIME]', /are added/],
  ['- name: main', '- name: main\n              ports: [{ containerPort: 1, hostPort: 1 }]', /hostPort/],
])('%j as %j is found', (was, is, sentence) => {
  expect(notRestricted(podIn(GOOD.replace(was, is)))).toEqual([expect.stringMatching(sentence)]);
});

test('a token is allowed to whom says why', () => {
  const told = GOOD.replace('automountServiceAccountToken: false', '');
  const annotated = told.replace('      template:\n', '      template:\n        metadata: { annotations: { veche/token-because: it lists pods } }\n');
  expect(notRestricted(podIn(annotated))).toEqual([]);
});

test.each([
  ['cpu: 1, ', '', /no CPU/],
  ['cpu: 1, memory: 1Gi', 'cpu: 1', /no memory/],
  ['limits: { memory: 1Gi }', 'limits: { memory: 2Gi }', /the limit of memory \(2Gi\) is not what is requested \(1Gi\)/],
])('%j as %j is careless', (was, is, sentence) => {
  expect(careless(podIn(GOOD.replace(was, is)))[0]).toMatch(sentence);
});

const serving = (probes: string): Pod =>
  podIn(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: serving }
spec: { template: { spec: { containers: [{ name: main, ports: [{ containerPort: 1 }], resources: { requests: { cpu: 1, memory: 1 }, limits: { memory: 1 } }, ${probes} }] } } }`);

test('who serves is asked two different things', () => {
  const ask = (path: string): string => `{ httpGet: { path: ${path}, port: http } }`;
  expect(careless(serving('command: [a]'))).toEqual([expect.stringContaining('is missing')]);
  expect(careless(serving(`livenessProbe: ${ask('/a')}, readinessProbe: ${ask('/a')}`))).toEqual([expect.stringContaining('ask the same')]);
  expect(careless(serving(`livenessProbe: ${ask('/a')}, readinessProbe: ${ask('/b')}`))).toEqual([]);
});

test('what is there twice is found: objects, variables, ports', () => {
  const objects = objectsIn(`
apiVersion: v1
kind: Service
metadata: { name: a }
spec: { ports: [{ name: x, port: 1 }, { name: x, port: 1 }] }
---
apiVersion: v1
kind: Service
metadata: { name: a }
spec: { ports: [{ port: 1 }, { port: 1, protocol: UDP }] }
---
apiVersion: v1
kind: Pod
metadata: { name: p }
spec: { containers: [{ name: c, env: [{ name: E }, { name: E }], ports: [{ containerPort: 1 }, { containerPort: 1 }], volumeMounts: [{ mountPath: /a }, { mountPath: /a }] }] }
`);
  expect(
    duplicates(
      objects,
      objects.flatMap((each) => podOf(each) ?? []),
    ),
  ).toEqual([
    'v1 Service a : there are two',
    'Pod p: container c: variable E twice',
    'Pod p: container c: port 1/TCP twice',
    'Pod p: container c: mount /a twice',
    'Service a: port 1/TCP twice',
    'Service a: port x twice',
  ]);
});
