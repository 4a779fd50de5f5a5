import { Component, type ComponentChildren, type ComponentType, h } from 'preact';

/** Draws again only when a property is another one: a long conversation must not be redrawn for one message. */
export function memo<P extends object>(view: ComponentType<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const keys = Object.keys({ ...this.props, ...next }) as (keyof P)[];
      return keys.some((key) => (this.props as P)[key] !== next[key]);
    }
    override render(): ComponentChildren {
      return h(view, this.props as P) as ComponentChildren;
    }
  };
}
