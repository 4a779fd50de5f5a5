/** Keeps a conversation where its reader is: at the end while they are at the end, in place while older pages come in. */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Pixels from the end that still count as the end. */
const NEAR = 60;
/** Pixels from the top at which the page before is asked for. */
const AHEAD = 500;

export interface Scroll {
  readonly element: RefObject<HTMLDivElement | null>;
  readonly atEnd: boolean;
  readonly toEnd: () => void;
  readonly onScroll: () => void;
}

interface Content {
  readonly first: string;
  readonly last: string;
  /** The last line was said here: follow it wherever the reader is. */
  readonly own: boolean;
  readonly onTop: () => void;
}

export function useScroll({ first, last, own, onTop }: Content): Scroll {
  const element = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const before = useRef({ first: '', last: '', height: 0, stuck: true });

  const toEnd = (): void => {
    const box = element.current;
    if (box) box.scrollTop = box.scrollHeight;
  };
  const onScroll = (): void => {
    const box = element.current;
    if (!box) return;
    before.current.stuck = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    setAtEnd(before.current.stuck);
    if (box.scrollTop < AHEAD) onTop();
  };

  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return;
    const was = before.current;
    if (was.first === '') begin(box);
    else if (was.first !== first && was.last === last) box.scrollTop += box.scrollHeight - was.height;
    else if (was.stuck || (own && was.last !== last)) toEnd();
    before.current = { ...was, first, last, height: box.scrollHeight };
  });
  // Reactions, typing and the keyboard of a phone change heights, too.
  useEffect(() => {
    const watcher = new ResizeObserver(() => before.current.stuck && toEnd());
    if (element.current) watcher.observe(element.current);
    return () => watcher.disconnect();
  }, []);
  // A first page may be shorter than the window.
  useEffect(onScroll, [first, last]);
  return { element, atEnd, toEnd, onScroll };
}

/** Opens at the line above what is new, or at the end. */
function begin(box: HTMLElement): void {
  const mark = box.querySelector<HTMLElement>('.new-line');
  box.scrollTop = mark ? mark.offsetTop - box.clientHeight / 3 : box.scrollHeight;
}
