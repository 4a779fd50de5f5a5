/** Fetches another issuer's JWK Set. */
import type { JwkSet } from './key-ring.ts';
import { isObject } from './strict-json.ts';

/** Of the whole exchange, connecting included. */
const TIMEOUT_MS = 1000;
const MAX_BYTES = 262_144;

/** Rejects on anything but a 200 with a JSON key set of at most 256 KB within 1 s; follows no redirect. */
export async function fetchJwks(url: string): Promise<JwkSet> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/jwk-set+json, application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  try {
    if (response.status !== 200) throw new Error(`the key set answered with status ${response.status}`);
    return asJwkSet(JSON.parse(await readBounded(response)));
  } finally {
    // An unread body would hold the connection.
    if (!response.bodyUsed) await response.body?.cancel();
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`the key set is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Only the keys: another issuer does not tell us which issuer and audience to accept. */
function asJwkSet(body: unknown): JwkSet {
  if (!isObject(body) || !Array.isArray(body['keys'])) throw new Error('the answer is not a key set');
  return { keys: body['keys'] };
}
