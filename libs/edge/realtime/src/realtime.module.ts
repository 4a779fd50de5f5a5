import { Global, Module, type Provider } from '@nestjs/common';
import { EventLog } from '@veche/event-log';
import { Limiter, MemoryLimiter, RedisClient, RedisLimiter } from '@veche/platform-redis';
import { EdgeAuthModule } from './auth/index.ts';
import { Cluster } from './cluster/cluster.ts';
import { LocalState } from './cluster/local-state.ts';
import { Controls } from './control/controls.ts';
import { Cutter } from './control/cutter.ts';
import { DrainSessions } from './control/drain.ts';
import { LostChannels } from './control/lost-channels.ts';
import { Steering } from './control/steering.ts';
import { Broadcast } from './delivery/broadcast.ts';
import { DirectSend } from './delivery/direct-send.ts';
import { Turn } from './delivery/turn.ts';
import { Doors } from './doors.ts';
import { type GatewayConfig, gatewayConfig } from './gateway.config.ts';
import { ChannelGrants } from './grants/channel-grants.ts';
import { GrantAsker } from './grants/grant-asker.ts';
import { GrantCache } from './grants/grant-cache.ts';
import { Grants } from './grants/grants.ts';
import { History } from './history/history.ts';
import { Credentials } from './http/index.ts';
import { Channels } from './hub/channels.ts';
import { Filler } from './hub/filler.ts';
import { Hub } from './hub/hub.ts';
import { LogReads } from './hub/log-reads.ts';
import { PositionCheck } from './hub/position-check.ts';
import { Positions } from './hub/positions.ts';
import { Entrance } from './limits/entrance.ts';
import { GatewayLimits } from './limits/gateway-limits.ts';
import { Limits, SessionLimits } from './limits/limits.ts';
import { CallServer, Membership, NodeCalls } from './node/index.ts';
import { OperationRunner, SendCommand, SendSignal, UserDirectory, UserNames } from './operations/index.ts';
import { PlainActions } from './plain/plain-actions.ts';
import { PlainLanguage } from './plain/plain-language.ts';
import { CLOCK, type Clock, EVENT_LOG, systemClock } from './ports.ts';
import { Presence } from './presence/presence.ts';
import { presenceProviders } from './presence/presence.providers.ts';
import { PresenceStore } from './presence/presence-store.ts';
import { Publisher } from './publish/publisher.ts';
import { RealtimeDoors } from './realtime-doors.ts';
import { RealtimeTelemetry } from './realtime.telemetry.ts';
import { ServerId } from './server-id.ts';
import { Admittance } from './session/admittance.ts';
import { Heartbeat } from './session/heartbeat.ts';
import { Lifecycle } from './session/lifecycle.ts';
import { Sessions } from './session/sessions.ts';
import { Uplink } from './session/uplink.ts';
import { Cursors } from './stream/cursors.ts';
import { Poll } from './stream/poll.ts';
import { SourceLanguage } from './stream/source-language.ts';
import { Sources } from './stream/sources.ts';
import { Admission } from './subscribe/admission.ts';
import { CatchUp } from './subscribe/catch-up.ts';
import { Recovery } from './subscribe/recovery.ts';
import { Subscriber } from './subscribe/subscriber.ts';
import { GatewayTraces } from './traces.telemetry.ts';
import { v2Providers } from './v2/v2.providers.ts';

/** Without Redis each process counts by itself. */
function limiterOf(clock: Clock, redis?: RedisClient): Limiter {
  const memory = new MemoryLimiter(() => clock.now());
  return redis?.enabled ? new RedisLimiter(redis, memory) : memory;
}

const ports: Provider[] = [
  { provide: CLOCK, useValue: systemClock },
  { provide: EVENT_LOG, useExisting: EventLog },
  { provide: Limiter, inject: [CLOCK, { token: RedisClient, optional: true }], useFactory: limiterOf },
];

const grants: Provider[] = [
  {
    provide: GrantCache,
    inject: [gatewayConfig.token, CLOCK, Channels],
    useFactory: (config: GatewayConfig, clock: Clock, channels: Channels) =>
      new GrantCache(
        config.GATEWAY_GRANT_TTL_MS,
        () => clock.now(),
        (channel) => channels.get(channel)?.openedAt,
      ),
  },
  GrantAsker,
  { provide: Grants, useClass: ChannelGrants },
  { provide: Limits, useClass: GatewayLimits },
  { provide: SessionLimits, useExisting: Limits },
  Entrance,
];

const hub: Provider[] = [Hub, Channels, Filler, LogReads, Positions, PositionCheck, Turn, Broadcast, DirectSend];
const sessions: Provider[] = [
  Sessions,
  Lifecycle,
  Heartbeat,
  Admittance,
  Subscriber,
  Admission,
  Recovery,
  CatchUp,
  Cutter,
  LostChannels,
  Controls,
  Steering,
  DrainSessions,
];
const cluster: Provider[] = [Membership, NodeCalls, CallServer, Cluster, LocalState, Uplink];
const languages: Provider[] = [...v2Providers, PlainLanguage, PlainActions, SourceLanguage, Sources, Cursors, Poll];
const operations: Provider[] = [OperationRunner, SendCommand, SendSignal, UserDirectory, UserNames, Publisher, History, Credentials];

/** All that the doors share: sessions, hub, delivery, resume, presence, limits, drain. Global, because every door and REST need it. */
@Global()
@Module({
  imports: [EdgeAuthModule],
  providers: [
    ...ports,
    ...grants,
    ...hub,
    ...sessions,
    ...cluster,
    ...presenceProviders,
    ...languages,
    ...operations,
    ServerId,
    RealtimeTelemetry,
    GatewayTraces,
    { provide: Doors, useClass: RealtimeDoors },
  ],
  exports: [
    Doors,
    Limiter,
    Limits,
    Entrance,
    Grants,
    Cluster,
    Presence,
    PresenceStore,
    History,
    OperationRunner,
    SendCommand,
    SendSignal,
    UserDirectory,
    UserNames,
    Credentials,
    ServerId,
    RealtimeTelemetry,
    EVENT_LOG,
    EdgeAuthModule,
  ],
})
export class RealtimeModule {}
