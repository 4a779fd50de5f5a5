/** S14: what the product folded out of the log beside the same fold done here. */
import { hashOf, type LogRecord, type Projection } from '@veche/testing';
import type { Campaign } from '../campaign.ts';
import { demand } from '../people.ts';

interface Message {
  readonly seq: number;
  readonly text: string;
}

/** Messages of every thread as REST lists them, against those of the log. */
export function projectionsOf(campaign: Campaign, log: readonly LogRecord[]): Promise<Projection[]> {
  return Promise.all(
    campaign.channels.map(async (channel) => {
      const rebuilt = log.filter((record) => record.channel === channel && record.seq > 1);
      const stored = await messagesOf(campaign, channel);
      return {
        name: `messages of ${channel}`,
        stored: stored.map(({ seq, text }) => `${seq} ${hashOf(text)}`).join('\n'),
        rebuilt: rebuilt.map(({ seq, hash }) => `${seq} ${hash}`).join('\n'),
      };
    }),
  );
}

async function messagesOf(campaign: Campaign, channel: string): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const path = `/chat/threads/${channel.slice('thread:'.length)}/messages?after=${all.at(-1)?.seq ?? 0}&limit=100`;
    const { messages } = await demand<{ messages: Message[] }>(campaign.origin, 'GET', path, { token: campaign.person(0).token });
    if (messages.length === 0) return all;
    all.push(...messages);
  }
}
