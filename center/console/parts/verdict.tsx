import { CircleCheck } from 'lucide-react';
import type { Judgement } from '../state/use-dry-run.js';

/** What the center says to a manifest that is being written; nothing of one that has not changed. */
export function Verdict({ judgement }: { readonly judgement: Judgement | undefined }) {
  return (
    <p className="verdict" role="status">
      {judgement === undefined ? null : judgement.phase === 'asking' ? (
        <span className="muted">Checking…</span>
      ) : judgement.phase === 'good' ? (
        <span className="state good">
          <CircleCheck aria-hidden />
          The center accepts this
        </span>
      ) : (
        <span className="problem">{judgement.problems[0]?.message ?? judgement.message}</span>
      )}
    </p>
  );
}
