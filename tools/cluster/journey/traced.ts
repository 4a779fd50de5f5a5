/** One message from the request of its sender to the write to its readers, in the Jaeger of charts/veche-observability. */
import { randomBytes } from 'node:crypto';
import { HistoryRecorder, traceAt } from '@veche/testing';
import { expect, test } from 'vitest';
import { CentrifugeSubscriber } from '../../../apps/e2e/src/centrifuge-subscriber.ts';
import { createThread, demand, register } from '../../../apps/e2e/src/people.ts';
import { forwarded } from '../harness/forward.ts';
import type { Site } from '../harness/site.ts';

const WAY = ['send chat.send-message.v1', 'handle chat.send-message.v1', 'batch', 'transaction', 'publish events', 'deliver'];
const SERVICES = ['veche-api', 'veche-chat', 'veche-websocket'];

export function traced(site: Site): void {
  test('a message is one trace over the pods that it passes', async () => {
    const { origin } = site;
    const [writer, reader] = [await register(origin, 'traced-writer'), await register(origin, 'traced-reader')];
    const { channel } = await createThread(origin, writer, 'traces', [reader]);
    const screen = new CentrifugeSubscriber('reader', 'websocket', origin, reader.token, [channel], new HistoryRecorder());
    await screen.start();
    const id = randomBytes(16).toString('hex');
    const path = `/chat/threads/${channel.slice('thread:'.length)}/messages`;
    const headers = { traceparent: `00-${id}-${randomBytes(8).toString('hex')}-01` };
    await demand(origin, 'POST', path, { token: writer.token, body: { text: 'seen on its way' }, headers });
    const spans = await forwarded(site.namespace, 'veche-observability-jaeger', 16686, (jaeger) => traceAt(jaeger, id, WAY, 60_000));
    await screen.stop();
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(SERVICES));
  });
}
