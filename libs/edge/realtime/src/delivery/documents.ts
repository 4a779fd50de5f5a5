/** What clients see of events and signals: JSON texts, spliced from the stored text so that nothing is parsed or written twice. */
import { type ChannelEvent, JOINED, LEFT, PUBLISHED_SIGNAL, type Signal } from '@veche/contracts';

const PLAIN_TEXT = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
/** Most actors and command ids need no escaping; JSON.stringify costs six times the test. */
const quote = (text: string): string => (PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text));

const LINE_BREAKS = /[\r\n]/g;
/** A raw line break inside a document would end it early. Valid JSON has them between tokens only, where a space means the same. */
export const oneLine = (json: string): string => (json.includes('\n') || json.includes('\r') ? json.replace(LINE_BREAKS, ' ') : json);

/** `"channel":…` to `"data":…`, without braces: each door puts its own around it. */
const fieldsOf = (event: ChannelEvent): string =>
  `"channel":"${event.channel}","seq":${event.seq},"id":"${event.id}","kind":"${event.kind}","actor":${quote(event.actor)},"command_id":${quote(event.command_id)},"ts":${event.ts},"data":${oneLine(event.data)}`;

/** An event as every door shows it. */
export const eventJson = (event: ChannelEvent): string => `{${fieldsOf(event)}}`;

/** A signal of ours, as every door shows it. */
export const signalJson = (signal: Signal): string =>
  `{"kind":"${signal.kind}","actor":${quote(signal.actor)},"channel":"${signal.channel}","data":${oneLine(signal.data)}}`;

/** `{"info":…,"tags":…}` becomes `,"info":…,"tags":…`. */
const metaFields = (meta: string | null): string => (meta === null || meta.length <= 2 ? '' : `,${oneLine(meta).slice(1, -1)}`);

/** Chat and inbox events carry their own envelope; on an application channel the client published the data itself. */
const isOurs = (channel: string): boolean => channel.startsWith('thread:') || channel.startsWith('user:');

/** A Centrifugo publication. */
export const publication = (event: ChannelEvent): string =>
  isOurs(event.channel)
    ? `{"data":${eventJson(event)},"offset":${event.seq}}`
    : `{"data":${oneLine(event.data)},"offset":${event.seq}${metaFields(event.meta)}}`;

const push = (channel: string, kind: string, body: string): string => `{"push":{"channel":"${channel}","${kind}":${body}}}`;

export const eventPush = (event: ChannelEvent): string => push(event.channel, 'pub', publication(event));

export function signalPush(signal: Signal): string {
  if (signal.kind === JOINED) return push(signal.channel, 'join', `{"info":${signal.data}}`);
  if (signal.kind === LEFT) return push(signal.channel, 'leave', `{"info":${signal.data}}`);
  if (signal.kind === PUBLISHED_SIGNAL) return push(signal.channel, 'pub', `{"data":${oneLine(signal.data)}${metaFields(signal.meta)}}`);
  return push(signal.channel, 'pub', `{"data":${signalJson(signal)}}`);
}

export const plainEvent = (event: ChannelEvent): string => `{"type":"event",${fieldsOf(event)}}`;
export const plainSignal = (signal: Signal): string => `{"type":"signal",${signalJson(signal).slice(1)}`;

/** One EventSource message; its id is the channel's cursor, which `Last-Event-ID` brings back. */
export const sourceEvent = (event: ChannelEvent): string => `id: ${event.epoch}:${event.seq}\ndata: ${eventJson(event)}\n\n`;
/** Without an id: on a source of several channels the cursor of all goes out by itself, so that this chunk can be shared. */
export const sourceEventOfMany = (event: ChannelEvent): string => `data: ${eventJson(event)}\n\n`;
export const sourceSignal = (signal: Signal): string => `event: signal\ndata: ${signalJson(signal)}\n\n`;
