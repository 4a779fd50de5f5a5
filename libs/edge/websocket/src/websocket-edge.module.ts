import type { Server } from 'node:http';
import { Module, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { RealtimeModule } from '@veche/edge-realtime';
import { CENTRIFUGO_PATH, CentrifugoGateway } from './centrifugo.gateway.ts';
import { PLAIN_PATH, PlainGateway } from './plain.gateway.ts';
import { answerPlainRequests } from './upgrade-required.ts';
import { SocketAdapter } from './socket.adapter.ts';
import { Upgrades } from './upgrades.ts';
import { WebSocketTelemetry } from './websocket.telemetry.ts';

/** WebSockets on the application's HTTP server: `/connection/websocket` and `/realtime/ws`. */
@Module({
  imports: [RealtimeModule],
  providers: [Upgrades, WebSocketTelemetry, CentrifugoGateway, PlainGateway],
})
export class WebSocketEdgeModule implements OnModuleInit {
  constructor(
    application: ApplicationConfig,
    private readonly host: HttpAdapterHost,
    private readonly upgrades: Upgrades,
  ) {
    // Nest asks for it when it binds gateways, after all modules are made; an application need not know of it.
    application.setIoAdapter(new SocketAdapter(upgrades));
  }

  onModuleInit(): void {
    this.upgrades.attach(this.host.httpAdapter.getHttpServer() as Server);
    answerPlainRequests(this.host.httpAdapter, [CENTRIFUGO_PATH, PLAIN_PATH]);
  }
}
