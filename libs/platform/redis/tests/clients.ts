/** Clients as processes would have them, on one server. */
import { Logger, Metrics } from '@veche/platform-telemetry';
import { RedisClient, type RedisConfig, RedisTelemetry } from '../src/index.ts';

export interface TestClient {
  readonly client: RedisClient;
  readonly metrics: Metrics;
  /** Value of a counter or gauge with these labels; 0 when it has none. */
  metric(name: string, labels: Record<string, string>): Promise<number>;
}

export async function connectTo(url: string, settings: Partial<RedisConfig> = {}): Promise<TestClient> {
  const metrics = new Metrics();
  const client = new RedisClient({ REDIS_URL: url, REDIS_PREFIX: 'test:', REDIS_TIMEOUT_MS: 400, ...settings }, new RedisTelemetry(metrics, Logger.silent()));
  await client.onModuleInit();
  const metric = async (name: string, labels: Record<string, string>): Promise<number> => {
    const values = (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];
    return values.find((value) => Object.entries(labels).every(([label, text]) => value.labels[label] === text))?.value ?? 0;
  };
  return { client, metrics, metric };
}
