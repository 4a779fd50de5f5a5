/** What is traced. Decided once, where a client's command or request comes in; everybody behind goes by the traceparent being there. */
import type { TraceContext } from './traceparent.rules.ts';
import type { TracingConfig } from './tracing.config.ts';

type SamplingConfig = Pick<TracingConfig, 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG' | 'TRACE_CLIENT_PER_SECOND'>;

export class Sampling {
  private readonly ratio: number;
  private readonly heedsClients: boolean;
  private readonly clientTraces: number;
  /** The second that `used` counts in. */
  private second = 0;
  private used = 0;

  constructor({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, TRACE_CLIENT_PER_SECOND }: SamplingConfig) {
    this.ratio = ratioOf(OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG);
    this.heedsClients = OTEL_TRACES_SAMPLER.startsWith('parentbased');
    this.clientTraces = TRACE_CLIENT_PER_SECOND;
  }

  /** Asked for every frame and request: a random number, and no trace id is made for what is not sampled. */
  takes(client: TraceContext | undefined): boolean {
    if (client && this.heedsClients) {
      // A client that was told "not sampled" by its own tracer asks for no trace; one that asks is bounded, or clients would set the cost.
      if (!client.sampled) return false;
      if (this.mayAsk()) return true;
    }
    return Math.random() < this.ratio;
  }

  private mayAsk(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.used = 0;
    }
    return this.used++ < this.clientTraces;
  }
}

function ratioOf(sampler: SamplingConfig['OTEL_TRACES_SAMPLER'], ratio: number): number {
  if (sampler.endsWith('always_on')) return 1;
  return sampler.endsWith('always_off') ? 0 : ratio;
}
