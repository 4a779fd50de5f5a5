/** What is measured, and above which value somebody is told. Name of the file, the runbook, the test and the panel are the name of the alert. */
export interface Alert {
  readonly name: string;
  /** critical: people cannot do what they came for, somebody is woken. warning: somebody looks on the next working day. */
  readonly severity: 'critical' | 'warning';
  /** How long it must hold, as Prometheus writes it. */
  readonly for: string;
  readonly summary: string;
  /** May use Prometheus' templates: {{ $labels.namespace }}, {{ $value }}. */
  readonly description: string;
  /** PromQL, by namespace at least: one Prometheus may watch several installations. */
  readonly measure: (where: Where) => string;
  readonly over: number;
  readonly unit: Unit;
}

/** Matchers in braces: those given and, on a dashboard, its own; empty when there are none. */
export type Where = (matchers?: string) => string;

/** Units as Grafana calls them. */
export type Unit = 'short' | 's' | 'percentunit' | 'reqps' | 'cps' | 'bytes' | 'bool';

/** A rule looks at everything that Prometheus has. */
export const everywhere: Where = (matchers) => (matchers ? `{${matchers}}` : '');

/** A dashboard looks at what is chosen above it. */
export const chosen: Where = (matchers) => `{${['namespace=~"$namespace"', ...(matchers ? [matchers] : [])].join(', ')}}`;

/**
 * How often a counter with labels went up within the window. Such a series begins with its first event, at 1: increase() of it is 0, and
 * the event that matters most would never be seen. A series that was not there a window ago therefore counts whole.
 */
export const happened = (series: string, window: string): string => `(${series} unless ${series} offset ${window} or increase(${series}[${window}]))`;

/** The one expression of the rule. */
export const expressionOf = ({ measure, over }: Alert): string => `${measure(everywhere)} > ${over}`;
