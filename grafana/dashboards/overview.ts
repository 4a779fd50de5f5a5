import { chosen as where } from '../alert.ts';
import { VecheBrokerUnavailable } from '../alerts/VecheBrokerUnavailable.ts';
import { VecheCommandQueueSilent } from '../alerts/VecheCommandQueueSilent.ts';
import { VecheCommandsWaiting } from '../alerts/VecheCommandsWaiting.ts';
import { VecheDeliverySlow } from '../alerts/VecheDeliverySlow.ts';
import { VecheHttpErrors } from '../alerts/VecheHttpErrors.ts';
import { VecheMessagesLost } from '../alerts/VecheMessagesLost.ts';
import { VecheOwnersAway } from '../alerts/VecheOwnersAway.ts';
import { VechePostgresPoolWaiting } from '../alerts/VechePostgresPoolWaiting.ts';
import { VecheProcessNotReady } from '../alerts/VecheProcessNotReady.ts';
import { VecheWorkDead } from '../alerts/VecheWorkDead.ts';
import type { Page } from '../dashboard.ts';
import { alertGraph, type Built, graph, number, quantiles, rates } from '../panels.ts';

const NOW: readonly Built[] = [
  number({
    title: 'Open sessions',
    description: 'People and programs that are connected, over all doors.',
    unit: 'short',
    lines: [{ expr: `sum(veche_ws_connections_active${where()}) + sum(veche_sse_connections_active${where()})`, legend: 'sessions' }],
  }),
  number({
    title: 'Events a second',
    description: 'Events appended to logs: messages, edits, memberships.',
    unit: 'cps',
    lines: [{ expr: `sum(rate(veche_messages_sent_total${where()}[5m]))`, legend: 'events' }],
  }),
  number({
    title: 'Delivery, p99',
    description: 'From the commit of an event to its write to local subscribers; promised are two seconds.',
    unit: 's',
    lines: [{ expr: VecheDeliverySlow.measure(where), legend: '{{namespace}}' }],
  }),
  number({
    title: 'HTTP requests a second',
    description: 'REST requests answered, whatever the answer.',
    unit: 'reqps',
    lines: [{ expr: `sum(rate(veche_http_requests_total${where()}[5m]))`, legend: 'requests' }],
  }),
  number(
    {
      title: 'Processes by version',
      description: 'More than one version of an application is a rollout, or one that has stopped half way.',
      unit: 'short',
      lines: [{ expr: `count by (application, version) (veche_build_info${where()})`, legend: '{{application}} {{version}}' }],
    },
    8,
  ),
];

const PROMISES: readonly Built[] = [
  alertGraph(VecheMessagesLost, '{{namespace}}', 6),
  alertGraph(VecheDeliverySlow, '{{namespace}}', 6),
  alertGraph(VecheHttpErrors, '{{namespace}}', 6),
  alertGraph(VecheOwnersAway, '{{namespace}}', 6),
];

const WRITES: readonly Built[] = [
  alertGraph(VecheCommandQueueSilent, 'queue {{queue}}'),
  alertGraph(VecheCommandsWaiting, '{{namespace}}'),
  graph({
    title: 'Events appended, by kind',
    description: 'What is written to logs, each once; a fall to nothing with people connected means that writes do not get through.',
    unit: 'cps',
    lines: rates('veche_messages_sent_total', where(), 'type', '{{type}}'),
  }),
  graph({
    title: 'Transaction of an owner',
    description: 'One batch of commands in one transaction, commit included. Rising tails are the database: locks, disk, synchronous replicas.',
    unit: 's',
    lines: quantiles('veche_event_log_transaction_seconds', where()),
  }),
  graph({
    title: 'Commands refused before their owner, by reason',
    description: 'Senders were told "unavailable" and nothing was done: a full queue, an owner that is away or silent, a process that stops.',
    unit: 'cps',
    lines: rates('veche_messaging_commands_refused_total', where(), 'reason', '{{reason}}'),
  }),
  graph({
    title: 'Outcomes unknown',
    description: 'Senders were told to send again with the same id: no answer came in time. Nothing is done twice, but people wait.',
    unit: 'cps',
    lines: [
      { expr: `sum(rate(veche_messaging_commands_unknown_total${where()}[$__rate_interval]))`, legend: 'commands' },
      { expr: `sum(rate(veche_postgres_unknown_outcomes_total${where()}[$__rate_interval]))`, legend: 'commits' },
    ],
  }),
  graph({
    title: 'Commands of a batch',
    description: 'Batches grow with the load by design: at the top of its buckets (200) the owner is as busy as it can be.',
    unit: 'short',
    lines: quantiles('veche_event_log_batch_commands', where()),
  }),
];

const WORK: readonly Built[] = [
  alertGraph(VecheWorkDead, '{{class}}'),
  graph({
    title: 'Attempts at work, by result',
    description: 'ok, retried, dead. Retries are normal while something is away; dead ones wait for `veche dlq`.',
    unit: 'cps',
    lines: rates('veche_messaging_work_total', where(), 'class, result', '{{class}} {{result}}'),
  }),
  graph({
    title: 'Requests between services, p99',
    description: 'From a question to its answer. A kind that grows alone points at its service.',
    unit: 's',
    lines: [
      {
        expr: `histogram_quantile(0.99, sum by (kind, le) (rate(veche_messaging_request_duration_seconds_bucket${where()}[$__rate_interval])))`,
        legend: '{{kind}}',
      },
    ],
  }),
];

const SERVERS: readonly Built[] = [
  alertGraph(VechePostgresPoolWaiting, '{{namespace}}'),
  alertGraph(VecheBrokerUnavailable, '{{namespace}}'),
  graph({
    title: 'Redis: connections that are down, and calls that went on without it',
    description: 'Without Redis limits and presence are those of each process; nothing else is lost.',
    unit: 'short',
    lines: [
      { expr: `sum by (connection) (1 - veche_redis_connected${where()})`, legend: '{{connection}} down' },
      { expr: `sum by (use) (rate(veche_redis_fallbacks_total${where()}[$__rate_interval]))`, legend: '{{use}} a second' },
    ],
  }),
  graph({
    title: 'Connections to Postgres',
    description: 'Open and idle, and callers that wait for one. Waiting with idle ones left means a pool of another process is full.',
    unit: 'short',
    lines: [
      { expr: `sum by (server) (veche_postgres_pool_connections${where()})`, legend: '{{server}} open' },
      { expr: `sum by (server) (veche_postgres_pool_idle_connections${where()})`, legend: '{{server}} idle' },
      { expr: `sum by (server) (veche_postgres_pool_waiting_callers${where()})`, legend: '{{server}} waiting' },
    ],
  }),
  graph({
    title: 'Replica failures and server changes',
    description: 'Reads that a replica failed go to the primary. A change of server is a failover, or the first start of a process.',
    unit: 'cps',
    lines: [
      { expr: `sum(rate(veche_postgres_replica_failures_total${where()}[$__rate_interval]))`, legend: 'replica failures' },
      { expr: `sum(rate(veche_postgres_server_changes_total${where()}[$__rate_interval]))`, legend: 'server changes' },
    ],
  }),
  graph({
    title: 'Messages to RabbitMQ, by outcome',
    description: 'confirmed; returned: no queue took it; unknown: no confirm in time.',
    unit: 'cps',
    lines: rates('veche_messaging_publishes_total', where(), 'outcome', '{{outcome}}'),
  }),
];

const PROCESSES: readonly Built[] = [
  alertGraph(VecheProcessNotReady, '{{pod}}'),
  graph({
    title: 'CPU of processes',
    description: 'Cores. One process uses one for its JavaScript: at 1 it is full.',
    unit: 'short',
    lines: rates('process_cpu_seconds_total', where(), 'pod', '{{pod}}'),
  }),
  graph({
    title: 'Memory of processes',
    description: 'Resident; the kernel ends a process at the limit of its container.',
    unit: 'bytes',
    lines: [{ expr: `sum by (pod) (process_resident_memory_bytes${where()})`, legend: '{{pod}}' }],
  }),
  graph({
    title: 'Event loop lag, p99',
    description: 'How late a process gets to what is due: above 0.1 s its CPU is full or something in it blocks.',
    unit: 's',
    lines: [{ expr: `max by (pod) (nodejs_eventloop_lag_p99_seconds${where()})`, legend: '{{pod}}' }],
  }),
  graph({
    title: 'Restarts of containers',
    description: 'Within ten minutes, from kube-state-metrics; of pods that are ours.',
    unit: 'short',
    lines: [
      {
        expr: `sum by (pod) (increase(kube_pod_container_status_restarts_total${where()}[10m]) and on (namespace, pod) veche_build_info${where()})`,
        legend: '{{pod}}',
      },
    ],
  }),
  graph({
    title: 'Spans',
    description: 'What became of trace spans: lost ones did not reach the collector; messages are unharmed.',
    unit: 'cps',
    lines: rates('veche_traces_spans_total', where(), 'result', '{{result}}'),
  }),
];

export const overview: Page = {
  uid: 'veche-overview',
  title: 'Veche / Overview',
  description: 'Whether people can write and read, and if not, which part is the cause.',
  variables: {},
  rows: [
    ['Now', NOW],
    ['Promises', PROMISES],
    ['Writing', WRITES],
    ['Work and requests', WORK],
    ['Postgres, RabbitMQ, Redis', SERVERS],
    ['Processes', PROCESSES],
  ],
};
