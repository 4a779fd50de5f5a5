import { Injectable } from '@nestjs/common';
import { variantOf } from './delivery/variants.ts';
import type { Connection, Peer, StreamRequest, Transport } from './door.ts';
import { Doors, type PollPage } from './doors.ts';
import { PlainLanguage } from './plain/plain-language.ts';
import { Lifecycle } from './session/lifecycle.ts';
import { Sessions } from './session/sessions.ts';
import { Poll } from './stream/poll.ts';
import { Sources } from './stream/sources.ts';
import { V2Language } from './v2/v2-language.ts';

@Injectable()
export class RealtimeDoors extends Doors {
  // allowed: size: one for each way in
  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly sessions: Sessions,
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

  emulate(secret: string, peer: Peer, data: string): 'delivered' | 'unknown' {
    const session = this.sessions.ofSecret(secret);
    // The secret is bound to the page that opened the stream: one that leaks into another page is worth nothing there.
    // A page's own EventSource sends no Origin with its GET but does with each POST; the door has held that one against its allowlist.
    const foreign = session?.peer.origin !== undefined && session.peer.origin !== peer.origin;
    if (!session || session.phase === 'closed' || foreign) return 'unknown';
    session.frame(Buffer.from(data));
    return 'delivered';
  }
}
