import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

interface CopyButtonProps {
  /** What it does, for whoever does not see the sign. */
  readonly label: string;
  /** Asked for when it is pressed. */
  readonly text: () => string;
  readonly className?: string;
}

const DONE_MS = 2000;

export function CopyButton({ label, text, className = 'icon-button small' }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text()).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), DONE_MS);
      },
      () => undefined, // not allowed here: it can still be selected
    );
  };
  return (
    <button type="button" className={className} aria-label={label} title={label} onClick={copy}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </button>
  );
}
