import { useLayoutEffect, useRef } from 'preact/hooks';
import { useConsole } from '../parts/context.ts';
import { Icon } from '../parts/icon.tsx';
import type { Line } from '../state/pending.rules.ts';
import type { MessageActions } from './message-actions.ts';

/** What is unfolded beside a message. */
export type Panel = 'react' | 'delete' | null;

export const REACTIONS = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '🔥', '👀', '✅', '👎', '🤔'] as const;

interface Props {
  readonly line: Line;
  readonly own: boolean;
  readonly panel: Panel;
  readonly onPanel: (panel: Panel) => void;
  readonly actions: MessageActions;
}

/** Shown beside a message that the pointer, the focus or a finger is on. */
export function MessageTools({ line, own, panel, onPanel, actions }: Props) {
  const toggle = (name: Panel): void => onPanel(panel === name ? null : name);
  return (
    <div class="tools" onKeyDown={(event) => event.key === 'Escape' && onPanel(null)}>
      <button type="button" class="quiet" aria-label="React" title="React (+)" aria-expanded={panel === 'react'} onClick={() => toggle('react')}>
        <Icon name="smile" />
      </button>
      <button type="button" class="quiet" aria-label="Reply" title="Reply (R)" onClick={() => actions.reply(line)}>
        <Icon name="reply" />
      </button>
      {own && (
        <button type="button" class="quiet" aria-label="Edit" title="Edit (E)" onClick={() => actions.edit(line)}>
          <Icon name="pencil" />
        </button>
      )}
      {(own || actions.manages) && (
        <button type="button" class="quiet" aria-label="Delete" title="Delete (Del)" aria-expanded={panel === 'delete'} onClick={() => toggle('delete')}>
          <Icon name="trash" />
        </button>
      )}
      {panel === 'react' && <Palette line={line} onClose={() => onPanel(null)} />}
      {panel === 'delete' && <Confirm line={line} onClose={() => onPanel(null)} />}
    </div>
  );
}

interface PanelProps {
  readonly line: Line;
  readonly onClose: () => void;
}

function Palette({ line, onClose }: PanelProps) {
  const console = useConsole();
  const element = useFolding(onClose);
  const give = (reaction: string): void => {
    console.react(line, reaction);
    onClose();
  };
  return (
    <div class="panel palette" ref={element} role="group" aria-label="Reactions">
      {REACTIONS.map((reaction) => (
        <button key={reaction} type="button" aria-label={reaction} onClick={() => give(reaction)}>
          {reaction}
        </button>
      ))}
    </div>
  );
}

function Confirm({ line, onClose }: PanelProps) {
  const console = useConsole();
  const element = useFolding(onClose);
  const remove = (): void => {
    console.remove(line);
    onClose();
  };
  return (
    <div class="panel confirm" ref={element} role="group" aria-label="Delete this message?">
      <span>Delete for everybody?</span>
      <button type="button" class="danger" onClick={remove}>
        Delete
      </button>
      <button type="button" class="secondary" onClick={onClose}>
        Keep
      </button>
    </div>
  );
}

/** Takes the focus, gives it back to the message, and folds up when something else is pressed. */
function useFolding(onClose: () => void) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const message = element.current?.closest<HTMLElement>('.message');
    element.current?.querySelector('button')?.focus({ preventScroll: true });
    const outside = (event: PointerEvent): void => {
      if (!message?.contains(event.target as Node)) onClose();
    };
    addEventListener('pointerdown', outside);
    return () => {
      removeEventListener('pointerdown', outside);
      message?.focus({ preventScroll: true });
    };
  }, []);
  return element;
}
