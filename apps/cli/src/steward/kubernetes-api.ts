/** The two requests to the Kubernetes API that a steward makes, with the token that is mounted into its pod. */
import { readFileSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import { request as overTls } from 'node:https';
import { join } from 'node:path';

const TIMEOUT_MS = 10_000;

/** Where a service account is mounted. */
export const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    /** It has been told to stop. */
    readonly deletionTimestamp?: string;
  };
  readonly status: { readonly podIP?: string };
}

export interface ApiPlace {
  /** `https://kubernetes.default.svc` */
  readonly server: string;
  /** Folder with `token`, `ca.crt` and `namespace`. */
  readonly credentials: string;
  /** Default: that of the credentials. */
  readonly namespace?: string | undefined;
}

/** Refused, or not answered; the message says what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export class KubernetesApi {
  private readonly pods: string;

  /** @throws Error when the credentials cannot be read */
  constructor(private readonly place: ApiPlace) {
    const namespace = place.namespace ?? this.read('namespace').trim();
    this.pods = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
    this.read('token');
  }

  /** Pods that run, by their labels. From the cache of the API server: a moment old is young enough. */
  async running(selector: string): Promise<readonly Pod[]> {
    const query = new URLSearchParams({ labelSelector: selector, fieldSelector: 'status.phase=Running', resourceVersion: '0' });
    const { items } = JSON.parse(await this.call('GET', `${this.pods}?${query.toString()}`)) as { readonly items: readonly Pod[] };
    return items;
  }

  async annotate(pod: string, annotations: Readonly<Record<string, string>>): Promise<void> {
    await this.call('PATCH', `${this.pods}/${encodeURIComponent(pod)}`, JSON.stringify({ metadata: { annotations } }));
  }

  /** @throws ApiError */
  private call(method: 'GET' | 'PATCH', path: string, body?: string): Promise<string> {
    const url = new URL(path, this.place.server);
    const isTls = url.protocol === 'https:';
    const options = {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        // Read for each request: the kubelet writes a new one within the hour.
        authorization: `Bearer ${this.read('token').trim()}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/merge-patch+json' }),
      },
      ...(isTls && { ca: this.read('ca.crt') }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const call = (isTls ? overTls : overHttp)(url, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('error', reject).on('end', () => ((answer.statusCode ?? 0) < 300 ? resolve(text) : reject(refused(answer.statusCode ?? 0, method, text))));
    });
    call.on('error', reject).end(body);
    return promise;
  }

  private read(file: string): string {
    const path = join(this.place.credentials, file);
    try {
      return readFileSync(path, 'utf8');
    } catch {
      throw new Error(`${path} cannot be read: this command runs in a pod whose service account token is mounted, or wants --credentials`);
    }
  }
}

function refused(status: number, method: string, text: string): ApiError {
  const advice = status === 403 || status === 401 ? '; its service account wants a Role that may list and patch pods' : '';
  return new ApiError(status, `the Kubernetes API refused a ${method} with ${status}${advice}: ${text.slice(0, 300)}`);
}
