import { Injectable } from '@nestjs/common';
import { variantOf } from './delivery/variants.ts';
import type { Connection, Peer, StreamRequest, Transport } from './door.ts';
import { Doors, type PollPage } from './doors.ts';
import { PlainLanguage } from './plain/plain-language.ts';
import { Lifecycle } from './session/lifecycle.ts';
import { Uplink } from './session/uplink.ts';
import { Poll } from './stream/poll.ts';
import { Sources } from './stream/sources.ts';
import { V2Language } from './v2/v2-language.ts';

@Injectable()
export class RealtimeDoors extends Doors {
  // allowed: size: one for each way in
  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly uplink: Uplink,
    private readonly v2: V2Language,
    private readonly plain: PlainLanguage,
    private readonly sources: Sources,
    private readonly polls: Poll,
  ) {
    super();
  }

  openV2(transport: Transport, peer: Peer): Connection {
    return this.lifecycle.open(transport, peer, this.v2, variantOf('v2', transport.framing));
  }

  openPlain(transport: Transport, peer: Peer): Connection {
    const session = this.lifecycle.open(transport, peer, this.plain, variantOf('plain', transport.framing));
    this.plain.begin(session);
    return session;
  }

  openStream(transport: Transport, peer: Peer, token: string | undefined, requests: readonly StreamRequest[]): Promise<Connection> {
    return this.sources.open(transport, peer, token, requests);
  }

  poll(peer: Peer, token: string | undefined, requests: readonly StreamRequest[]): Promise<PollPage> {
    return this.polls.page(peer, token, requests);
  }

  emulate(secret: string, peer: Peer, data: string): Promise<'delivered' | 'unknown'> {
    return this.uplink.carry(secret, peer, data);
  }
}
