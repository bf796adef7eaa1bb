import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

/** What to type for the same: the console hides nothing that a script could not do. */
export function CommandLine({ command }: { readonly command: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(command).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 2000);
      },
      () => undefined, // not allowed here: it can still be selected
    );
  };
  return (
    <div className="command-line">
      <code>{command}</code>
      <button type="button" className="icon-button small" aria-label="Copy the command" onClick={copy}>
        {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      </button>
    </div>
  );
}
