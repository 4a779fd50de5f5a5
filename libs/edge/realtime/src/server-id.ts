import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { type GatewayConfig, gatewayConfig } from './gateway.config.ts';

/** Name of this process among the gateways: a metric label and the `node` that a stream's uplink is addressed to. */
@Injectable()
export class ServerId {
  readonly name: string;

  constructor(@Inject(gatewayConfig.token) config: Pick<GatewayConfig, 'GATEWAY_SERVER_ID'>) {
    this.name = config.GATEWAY_SERVER_ID || `${hostname()}-${process.pid}`;
  }
}
