import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

/** For how long it says that it has copied. */
const SAID_MS = 2000;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for who does not see where it stands. */
  readonly label: string;
}

export function CopyButton({ text, label }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), SAID_MS);
      },
      () => undefined, // not allowed here: it can still be selected
    );
  };
  return (
    <button type="button" className="icon-button small" aria-label={label} onClick={copy}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </button>
  );
}
