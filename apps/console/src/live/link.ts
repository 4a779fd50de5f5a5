/** The connection: an unmodified `centrifuge` client over three transports, with the token kept fresh. */
import { Centrifuge, type TransportName, UnauthorizedError } from 'centrifuge';
import { dispatch } from '../state/store.ts';
import { at, capital } from './api.ts';
import { renewed } from './identity.ts';
import type { Answer, AskName, Params } from './operations.ts';

const ENDPOINTS: Readonly<Record<'websocket' | 'http_stream' | 'sse', string>> = {
  websocket: 'connection/websocket',
  http_stream: 'connection/http_stream',
  sse: 'connection/sse',
};
export type Transport = keyof typeof ENDPOINTS;
export const TRANSPORTS = Object.keys(ENDPOINTS) as readonly Transport[];

/** `?transport=sse` pins one door, to see that every one of them behaves the same. */
export function pinned(): Transport | null {
  const wish = new URLSearchParams(location.search).get('transport');
  return TRANSPORTS.find((transport) => transport === wish) ?? null;
}

/** What the protocol says of a refused command. */
export interface LinkError {
  readonly code: number;
  readonly message: string;
  readonly temporary?: boolean;
}

/** Nobody knows, or it may work later: the same command with the same command_id is sent again. 109: the client is fetching a new token. */
export const mayRetry = (error: LinkError): boolean => error.code < 100 || error.code === 109 || error.temporary === true;

export const sentenceOf = (error: unknown): string => {
  const { code, message } = error as Partial<LinkError>;
  if (code !== undefined && code < 100) return 'The server did not answer in time.';
  return capital(message || 'Something went wrong');
};

export class Link {
  readonly client: Centrifuge;
  private opened = 0;

  constructor(
    token: string,
    preferred: Transport | null,
    private readonly hooks: { readonly connected: () => void; readonly signedOut: () => void },
  ) {
    const order = preferred ? [preferred] : TRANSPORTS;
    this.client = new Centrifuge(
      order.map((transport) => ({ transport: transport as TransportName, endpoint: endpoint(transport) })),
      { token, getToken: () => this.token(), emulationEndpoint: at('emulation'), name: 'console', maxReconnectDelay: 5_000 },
    );
    this.client.on('connecting', ({ reason }) => dispatch({ type: 'link', link: { state: 'connecting', why: reason === 'connect called' ? '' : reason } }));
    this.client.on('connected', (ctx) => this.connected(ctx));
    this.client.on('disconnected', ({ code, reason }) => this.disconnected(code, reason));
  }

  /** Asks one operation. Rejects with a LinkError. */
  async ask<N extends AskName>(name: N, params: Params): Promise<Answer<N>> {
    const { data } = await this.client.rpc(name, params);
    return data as Answer<N>;
  }

  private async token(): Promise<string> {
    const tokens = await renewed();
    if (tokens) return tokens.token;
    throw new UnauthorizedError('signed out');
  }

  private connected({ client, transport }: { client: string; transport: string }): void {
    dispatch({ type: 'link', link: { state: 'live', transport, client, reconnects: this.opened++, why: '' } });
    this.hooks.connected();
  }

  private disconnected(code: number, reason: string): void {
    dispatch({ type: 'link', link: { state: 'off', why: code === 0 ? '' : reason } });
    // 1: the tab could not renew its token; 3500: the token was revoked.
    if (code === 1 || code === 3500) this.hooks.signedOut();
  }
}

/** WebSocket needs ws: or wss:, the streams http: or https:. */
const endpoint = (transport: Transport): string => (transport === 'websocket' ? at(ENDPOINTS[transport]).replace(/^http/, 'ws') : at(ENDPOINTS[transport]));
