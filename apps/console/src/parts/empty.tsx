import type { ComponentChildren } from 'preact';
import { Bell } from './icon.tsx';

interface Props {
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** An empty place says what belongs there and how to begin. */
export const Empty = ({ title, children }: Props) => (
  <div class="empty">
    <Bell />
    <h2>{title}</h2>
    {children}
  </div>
);
