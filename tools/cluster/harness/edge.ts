/** The way in, as clients go it: by a name that only this process knows, to the address of the cluster's Gateway. */
import dns from 'node:dns';
import { run } from './shell.ts';

/** Where routes attach: another cluster has another Gateway. */
export const GATEWAY = { name: process.env['VECHE_GATEWAY'] ?? 'traefik', namespace: process.env['VECHE_GATEWAY_NAMESPACE'] ?? 'ingress' } as const;

/** Names of the tests; no resolver has them. */
const OURS = /\.veche\.test$/;

interface GatewayStatus {
  readonly status?: { readonly addresses?: readonly { readonly value: string }[] };
}

/** Address of the Gateway, at which an Ingress is answered too. @throws Error when it has none */
export async function edgeAddress(): Promise<string> {
  const given = process.env['VECHE_EDGE_ADDRESS'];
  if (given !== undefined) return given;
  const text = await run('kubectl', ['--namespace', GATEWAY.namespace, 'get', 'gateways.gateway.networking.k8s.io', GATEWAY.name, '-o', 'json']);
  const address = (JSON.parse(text) as GatewayStatus).status?.addresses?.[0]?.value;
  if (address === undefined) throw new Error(`the Gateway ${GATEWAY.namespace}/${GATEWAY.name} has no address; set VECHE_EDGE_ADDRESS`);
  return address;
}

type Answer = (error: Error | null, address: string | readonly dns.LookupAddress[], family?: number) => void;

/**
 * From here on this process finds every name of the tests at the edge. Clients stay as they are and send the Host header they always send:
 * no file of the machine is touched, and none of them has to be told of a proxy.
 */
export function resolveAtEdge(address: string): void {
  const elsewhere = dns.lookup as (name: string, options: dns.LookupAllOptions, answer: Answer) => void;
  const lookup = (name: string, options: dns.LookupAllOptions, answer: Answer): void => {
    if (!OURS.test(name)) return elsewhere(name, options, answer);
    if (options.all) return answer(null, [{ address, family: 4 }]);
    answer(null, address, 4);
  };
  Object.assign(dns, { lookup });
}
