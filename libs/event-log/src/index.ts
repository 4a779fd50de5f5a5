export type * from './types.ts';
export { type EventLogConfig, eventLogConfig } from './event-log.config.ts';
export { EventLogModule } from './event-log.module.ts';
export { EventLog } from './log/event-log.ts';
export { eventLogMigrations } from './migrations/index.ts';
export { type KeptHistory, NO_RETENTION, type Retention, RETENTION } from './retention/retention.ts';
export { realtimeTrigger } from './migrations/add-realtime-events.ts';
export { newEpochs } from './log/new-epochs.ts';
