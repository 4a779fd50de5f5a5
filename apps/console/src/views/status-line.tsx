import { useState } from 'preact/hooks';
import { pinned, TRANSPORTS } from '../live/link.ts';
import { useConsole } from '../parts/context.ts';
import type { Link, State } from '../state/model.ts';
import { useStore } from '../state/store.ts';

const WORDS = { live: 'live', connecting: 'connecting', off: 'offline' } as const;
const DOORS: Readonly<Record<string, string>> = { websocket: 'WebSocket', http_stream: 'HTTP stream', sse: 'SSE' };

const linkOf = (state: State): Link => state.link;
const cursorOf = (state: State): string => {
  const timeline = state.opened && state.timelines[state.opened.channel];
  return timeline ? `${timeline.epoch}:${timeline.seq}` : '';
};
const unsentOf = (state: State): number => state.pending.filter((command) => command.seq === undefined && command.refused === undefined).length;

/** One line about the connection; a press on it tells more. */
export function StatusLine() {
  const link = useStore(linkOf);
  const cursor = useStore(cursorOf);
  const unsent = useStore(unsentOf);
  const [more, setMore] = useState(false);
  return (
    <footer class="status" data-state={link.state} onKeyDown={(event) => event.key === 'Escape' && setMore(false)}>
      {more && <Details link={link} cursor={cursor} unsent={unsent} />}
      <button type="button" aria-expanded={more} aria-label="Connection" onClick={() => setMore(!more)}>
        <i class="dot" />
        <span data-part="state">{WORDS[link.state]}</span>
        {link.transport && <span data-part="transport">{DOORS[link.transport] ?? link.transport}</span>}
        {cursor && <span data-part="seq">seq {cursor.slice(cursor.lastIndexOf(':') + 1)}</span>}
        <span data-part="reconnects">{counted(link.reconnects, 'reconnect')}</span>
        {unsent > 0 && <span data-part="unsent">{counted(unsent, 'unsent change')}</span>}
      </button>
      <span class="sr-only" role="status">
        {link.state === 'live' ? '' : `Connection: ${WORDS[link.state]}`}
      </span>
    </footer>
  );
}

interface DetailsProps {
  readonly link: Link;
  readonly cursor: string;
  readonly unsent: number;
}

function Details({ link, cursor, unsent }: DetailsProps) {
  const console = useConsole();
  return (
    <div class="details">
      <dl>
        <dt>Cursor of this thread</dt>
        <dd>{cursor || 'no thread is open'}</dd>
        <dt>Last resume</dt>
        <dd>{resumed(link.recovered)}</dd>
        <dt>Not answered yet</dt>
        <dd>{unsent === 0 ? 'nothing' : counted(unsent, 'change')}</dd>
        <dt>Session</dt>
        <dd>{link.client || 'none'}</dd>
        {link.why && <dt>Last interruption</dt>}
        {link.why && <dd>{link.why}</dd>}
      </dl>
      <label>
        Transport
        <select value={pinned() ?? ''} onChange={(event) => pin(event.currentTarget.value)}>
          <option value="">the best that works</option>
          {TRANSPORTS.map((transport) => (
            <option key={transport} value={transport}>
              {DOORS[transport]} only
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="secondary" onClick={() => console.reconnect()}>
        Reconnect now
      </button>
    </div>
  );
}

function resumed(events: number | null): string {
  if (events === null) return 'none yet';
  return events === 0 ? 'nothing was missed' : `${counted(events, 'missed event')} delivered`;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** A reload with the wish in the address: also shows that nothing depends on what the page held. */
function pin(transport: string): void {
  const url = new URL(location.href);
  if (transport) url.searchParams.set('transport', transport);
  else url.searchParams.delete('transport');
  location.assign(url);
}
