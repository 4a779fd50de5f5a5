import { Icon } from './icon.tsx';

interface Props {
  readonly text: string;
  readonly onRetry?: () => void;
}

/** What went wrong, in a sentence, and what can be done. */
export const Problem = ({ text, onRetry }: Props) => (
  <p class="problem" role="alert">
    <Icon name="warn" />
    <span>{text}</span>
    {onRetry && (
      <button type="button" class="link" onClick={onRetry}>
        Try again
      </button>
    )}
  </p>
);
