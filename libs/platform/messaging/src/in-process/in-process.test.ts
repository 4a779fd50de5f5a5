import { loadConfig, valuesOf } from '@veche/platform-config';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { busConformance } from '../../tests/conformance/bus.conformance.ts';
import { messagingConfig } from '../messaging.config.ts';
import { MessagingTelemetry } from '../messaging.telemetry.ts';
import { InProcessAdapter } from './in-process-adapter.ts';

const defaults = valuesOf(loadConfig([messagingConfig], {}), messagingConfig);
const open = async (settings: object): Promise<InProcessAdapter> =>
  new InProcessAdapter({ ...defaults, ...settings }, new MessagingTelemetry(new Metrics(), Logger.silent()));

busConformance('in process', open, async (adapter) => (adapter as InProcessAdapter).deadLetters);
