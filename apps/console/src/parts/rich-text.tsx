/** Plain text with its line breaks and with links that can be followed. */
const LINK = /(https?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]}])/g;

export const RichText = ({ text }: { text: string }) => (
  <>
    {text.split(LINK).map((part, at) =>
      at % 2 === 1 ? (
        <a href={part} target="_blank" rel="noopener noreferrer nofollow">
          {part}
        </a>
      ) : (
        part
      ),
    )}
  </>
);
