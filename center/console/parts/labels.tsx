import { Link } from 'wouter';

interface LabelsProps {
  readonly labels: Readonly<Record<string, string>>;
  /** The list that a label leads to, with all objects that have it. */
  readonly plural: 'tasks' | 'runs';
}

const SHOWN = 8;

/** Each label is the way to all that have it, too. Of many, the first until somebody asks for more. */
export function Labels({ labels, plural }: LabelsProps) {
  const all = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const chip = (label: string) => (
    <Link key={label} className="tag" title={label} href={`/${plural}?labels=${encodeURIComponent(label)}`}>
      {label}
    </Link>
  );
  return (
    <div className="names">
      {all.slice(0, SHOWN).map(chip)}
      {all.length > SHOWN && (
        <details>
          <summary>{all.length - SHOWN} more</summary>
          <div className="names">{all.slice(SHOWN).map(chip)}</div>
        </details>
      )}
    </div>
  );
}
