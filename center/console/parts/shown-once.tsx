import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Dialog } from './dialog.js';

interface ShownOnceProps {
  readonly title: string;
  /** Names the secret. */
  readonly label: string;
  readonly secret: string;
  /** What it is for, and what becomes of it. */
  readonly words: string;
  readonly onClose: () => void;
}

/** A secret that nobody can read again: only its button closes the dialog. */
export function ShownOnce({ title, label, secret, words, onClose }: ShownOnceProps) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(secret).then(
      () => setCopied(true),
      () => undefined, // not allowed here: it can still be selected
    );
  };
  return (
    <Dialog title={title} onClose={() => undefined}>
      <p>{words}</p>
      <div className="secret">
        <output aria-label={label}>{secret}</output>
        <button type="button" className="button" onClick={copy}>
          {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
          {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
      <p className="muted">It is shown this once: the center keeps only what it can be compared with.</p>
      <div className="dialog-buttons">
        <button type="button" className="button primary" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </Dialog>
  );
}
