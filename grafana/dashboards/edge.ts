import { VecheConnectionsRefused } from '../alerts/VecheConnectionsRefused.ts';
import { VecheReconnectStorm } from '../alerts/VecheReconnectStorm.ts';
import type { Page } from '../dashboard.ts';
import { alertGraph, type Built, graph, quantiles, rates } from '../panels.ts';

/** Gateways one by one: what is uneven between them is what this page is for. */
const PODS = '{namespace=~"$namespace", pod=~"$pod"}';

const SESSIONS: readonly Built[] = [
  alertGraph(VecheConnectionsRefused, '{{namespace}}'),
  alertGraph(VecheReconnectStorm, '{{namespace}}'),
  graph({
    title: 'Open sessions, by process',
    description: 'WebSocket, and all kinds of streams. Uneven after a scale-up: old sessions stay where they are until they move.',
    unit: 'short',
    lines: [
      { expr: `sum by (pod) (veche_ws_connections_active${PODS})`, legend: '{{pod}} sockets' },
      { expr: `sum by (pod) (veche_sse_connections_active${PODS})`, legend: '{{pod}} streams' },
    ],
  }),
  graph({
    title: 'Connects refused, by cause',
    description: 'Clients with bad tokens and limits of one address are here too; unavailable is a full or draining gateway.',
    unit: 'cps',
    lines: rates('veche_gateway_connections_failed_total', PODS, 'cause', '{{cause}}'),
  }),
  graph({
    title: 'Sessions closed by the server, by code',
    description: '3001 moves sessions of a process that stops; 3008 is a client that reads too slowly, 3012 one that is silent.',
    unit: 'cps',
    lines: rates('veche_gateway_sessions_closed_total', PODS, 'code', '{{code}}'),
  }),
  graph({
    title: 'Reconnects and silent sessions',
    description: 'Handshakes of an address that has just lost a session, and sessions closed because nothing was heard.',
    unit: 'cps',
    lines: [
      { expr: `sum(rate(ws_reconnect_attempts${PODS}[$__rate_interval]))`, legend: 'reconnects' },
      { expr: `sum by (cause) (rate(veche_gateway_timeouts_total${PODS}[$__rate_interval]))`, legend: '{{cause}}' },
    ],
  }),
];

const DELIVERY: readonly Built[] = [
  graph({
    title: 'Delivery',
    description: 'From the commit of an event to its write to local subscribers. Promised: p95 within one second, p99 within two.',
    unit: 's',
    lines: quantiles('veche_message_delivery_duration_seconds', PODS),
  }),
  graph({
    title: 'Broadcasts, by process',
    description: 'Events and signals forwarded, each once however many read it.',
    unit: 'cps',
    lines: rates('veche_gateway_broadcasts_total', PODS, 'pod, type', '{{pod}} {{type}}'),
  }),
  graph({
    title: 'Sessions with a waiting outbox',
    description: 'Peers that read more slowly than they are written to; over the limit they are closed with 3008.',
    unit: 'short',
    lines: [{ expr: `sum by (pod) (broadcast_queue_length${PODS})`, legend: '{{pod}}' }],
  }),
  graph({
    title: 'What the fan-out lost',
    description: 'filled: read from the log instead, nobody noticed. position_lost: subscribers had to load anew.',
    unit: 'cps',
    lines: rates('veche_gateway_messages_lost_total', PODS, 'outcome', '{{outcome}}'),
  }),
  graph({
    title: 'Signals dropped, fan-out lost on its way out',
    description: 'Signals (typing, presence) may be dropped under load; events never are: what is lost on the way is read from the log.',
    unit: 'cps',
    lines: [
      { expr: `sum(rate(veche_messaging_signals_dropped_total${PODS}[$__rate_interval]))`, legend: 'signals dropped' },
      { expr: `sum(rate(veche_messaging_fanout_lost_total${PODS}[$__rate_interval]))`, legend: 'fan-out lost' },
    ],
  }),
  graph({
    title: 'Event loop lag of gateways, p99',
    description: 'Above 0.1 s a gateway is full: everybody on it is late.',
    unit: 's',
    lines: [{ expr: `max by (pod) (nodejs_eventloop_lag_p99_seconds${PODS} and on (namespace, pod) veche_ws_connections_active${PODS})`, legend: '{{pod}}' }],
  }),
];

const CLIENTS: readonly Built[] = [
  graph({
    title: 'Client commands answered with an error, by code',
    description: 'Codes of docs/protocol.md; 503 and 504 are ours, 4xx and most of 1xx the client’s.',
    unit: 'cps',
    lines: rates('veche_gateway_commands_refused_total', PODS, 'code', '{{code}}'),
  }),
  graph({
    title: 'HTTP requests, by status',
    description: 'REST answers of the edge.',
    unit: 'reqps',
    lines: rates('veche_http_requests_total', PODS, 'status', '{{status}}'),
  }),
  graph({
    title: 'HTTP, p99 by route',
    description: 'Sign-in hashes a password and is slow on purpose.',
    unit: 's',
    lines: [
      {
        expr: `histogram_quantile(0.99, sum by (route, le) (rate(veche_http_request_duration_seconds_bucket${PODS}[$__rate_interval])))`,
        legend: '{{route}}',
      },
    ],
  }),
  graph({
    title: 'Tokens, by what came of them',
    description: 'remembered costs nothing, verified a signature; the rest are refusals.',
    unit: 'cps',
    lines: rates('veche_gateway_token_verifications_total', PODS, 'result', '{{result}}'),
  }),
  graph({
    title: 'Age of the list of revocations',
    description: 'How long a revoked token may still open a session, should its signal be lost. Pulled every few seconds.',
    unit: 's',
    lines: [{ expr: `max by (pod) (time() - veche_gateway_revocations_pulled_timestamp_seconds${PODS})`, legend: '{{pod}}' }],
  }),
  graph({
    title: 'Gateways that know each other',
    description: 'Equal in every process when the edge is whole.',
    unit: 'short',
    lines: [{ expr: `max by (pod) (veche_gateway_nodes${PODS})`, legend: '{{pod}}' }],
  }),
];

export const edge: Page = {
  uid: 'veche-edge',
  title: 'Veche / Edge',
  description: 'Gateways one by one: sessions, delivery, and what clients are told.',
  variables: { pod: 'label_values(veche_ws_connections_active{namespace=~"$namespace"}, pod)' },
  rows: [
    ['Sessions', SESSIONS],
    ['Delivery', DELIVERY],
    ['Clients', CLIENTS],
  ],
};
