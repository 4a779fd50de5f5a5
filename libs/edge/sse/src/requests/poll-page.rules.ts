/** A poll's page as JSON: events are spliced in as the text that every door shows. */
import { formatCursor, MAX_PAGE_EVENTS, VecheError } from '@veche/contracts';
import { formatPositions, type PolledChannel, type PollPage } from '@veche/edge-realtime';

/** What a poll answers with. */
export interface PollAnswer {
  readonly etag: string;
  readonly body: string;
  readonly isEmpty: boolean;
  /** Asking again at once brings more. */
  readonly more: boolean;
}

/** @throws VecheError `bad_request` */
export function limitOf(text: string | null): number {
  if (text === null) return MAX_PAGE_EVENTS;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new VecheError('bad_request', 'limit must be a whole number from 1 to 300', [{ path: 'limit', message: 'must be from 1 to 300' }]);
  return Math.min(limit, MAX_PAGE_EVENTS);
}

/** One channel is the object itself, several are a list: a client that follows one thread reads no envelope. */
export function pollAnswer(page: PollPage, limit: number): PollAnswer {
  const channels = page.channels.map((channel) => shorten(channel, limit));
  const [only] = channels;
  const cursor = channels.length === 1 && only ? formatCursor(only) : formatPositions(channels);
  const body = channels.length === 1 && only ? channelJson(only) : `{"cursor":${JSON.stringify(cursor)},"channels":[${channels.map(channelJson).join(',')}]}`;
  return {
    etag: `"${cursor}"`,
    body,
    isEmpty: channels.every(({ events, recovered }) => events.length === 0 && recovered),
    more: channels.some(({ more }) => more),
  };
}

/** Events follow one another without gaps, so the seq of the last one kept is known without reading it. */
function shorten(channel: PolledChannel, limit: number): PolledChannel {
  const over = channel.events.length - limit;
  return over <= 0 ? channel : { ...channel, seq: channel.seq - over, events: channel.events.slice(0, limit), more: true };
}

function channelJson({ channel, epoch, seq, recovered, more, events }: PolledChannel): string {
  return `{"channel":${JSON.stringify(channel)},"epoch":${JSON.stringify(epoch)},"seq":${seq},"recovered":${recovered},"more":${more},"events":[${events.join(',')}]}`;
}
