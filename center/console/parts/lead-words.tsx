interface LeadWordsProps {
  readonly text: string;
}

/** Longer texts would push away what the page is about. */
const SHOWN = 240;

/** What an object is for, below its name; of a long text the beginning until somebody asks for more. */
export function LeadWords({ text }: LeadWordsProps) {
  if (text.length <= SHOWN) return <p className="lead-words">{text}</p>;
  return (
    <details className="lead-words">
      <summary>
        {text.slice(0, SHOWN)}
        <span className="more">… more</span>
      </summary>
      {text.slice(SHOWN)}
    </details>
  );
}
