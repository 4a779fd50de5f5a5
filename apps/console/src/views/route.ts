/** The open thread is the page's address, so that "back" and a bookmark work. */
import { useEffect, useState } from 'preact/hooks';

const PREFIX = '#/';

const channelOf = (hash: string): string | null => (hash.startsWith(`${PREFIX}thread:`) ? decodeURIComponent(hash.slice(PREFIX.length)) : null);

export const go = (channel: string | null): void => {
  if (channelOf(location.hash) === channel) return;
  location.hash = channel ? PREFIX + encodeURIComponent(channel).replace('%3A', ':') : PREFIX;
};

export function useRoute(): string | null {
  const [channel, setChannel] = useState(() => channelOf(location.hash));
  useEffect(() => {
    const moved = (): void => setChannel(channelOf(location.hash));
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return channel;
}
