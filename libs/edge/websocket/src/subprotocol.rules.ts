/** Which subprotocol is spoken: JSON by name or by silence. */
import { VecheError } from '@veche/contracts';

const JSON_PROTOCOL = 'centrifuge-json';
const PROTOBUF_PROTOCOL = 'centrifuge-protobuf';

/** For `ws`: what to echo; false: nothing. A client that only names others it may speak is served without. */
export const selectProtocol = (offered: Set<string>): string | false => (offered.has(JSON_PROTOCOL) ? JSON_PROTOCOL : false);

/** @throws VecheError bad_request for what is not implemented, before the handshake is answered. */
export function requireJsonV2(offered: string | undefined, query: URLSearchParams): void {
  const names = (offered ?? '').split(',').map((name) => name.trim());
  const binary = query.get('cf_protocol') === 'protobuf' || query.get('format') === 'protobuf';
  if (binary || (names.includes(PROTOBUF_PROTOCOL) && !names.includes(JSON_PROTOCOL)))
    throw new VecheError('bad_request', 'Protobuf is not served: use the JSON form of the client');
  if ((query.get('cf_protocol_version') ?? 'v2') !== 'v2') throw new VecheError('bad_request', 'only version v2 of the protocol is served');
}
