import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { type GatewayConfig, gatewayConfig } from './gateway.config.ts';

const UNFIT = /[^A-Za-z0-9_-]/g;

/** This process among those of the edge. */
@Injectable()
export class ServerId {
  /** A metric label; the same after a restart where the setting or the host name says so. */
  readonly name: string;
  /** Of this one life of the process: what is addressed to the one before must not reach it. The `node` that a stream's uplink names. */
  readonly node: string;

  constructor(@Inject(gatewayConfig.token) config: Pick<GatewayConfig, 'GATEWAY_SERVER_ID'>) {
    this.name = config.GATEWAY_SERVER_ID || `${hostname()}-${process.pid}`;
    this.node = `${this.name.replace(UNFIT, '_').slice(0, 80)}~${randomBytes(6).toString('base64url')}`;
  }
}
