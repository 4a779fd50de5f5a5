import { hueOf, initials } from '../state/screen.rules.ts';

interface Props {
  readonly id: string;
  readonly name: string;
  readonly size?: 'small' | 'large';
  /** A dot: this person is here. */
  readonly here?: boolean;
}

export const Avatar = ({ id, name, size, here }: Props) => (
  <span class={`avatar ${size ?? ''}`} style={{ '--hue': String(hueOf(id)) }} aria-hidden="true">
    {initials(name)}
    {here && <span class="here" />}
  </span>
);
