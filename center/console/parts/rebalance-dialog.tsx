// Which tasks would move for every agent to own its share; and then they do.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rebalance, rebalanceCommand } from '../actions/cluster-actions.js';
import type { ClusterObject } from '../api/objects.js';
import { CommandLine } from './command-line.js';
import { Dialog } from './dialog.js';
import { ErrorNote, Loading } from './notes.js';
import { useToast } from './toasts.js';

interface RebalanceDialogProps {
  readonly cluster: ClusterObject;
  readonly onClose: () => void;
}

const MOVES_SHOWN = 20;

export function RebalanceDialog({ cluster, onClose }: RebalanceDialogProps) {
  const [busy, setBusy] = useState(false);
  const tell = useToast();
  const { name, uid } = cluster.metadata;
  const command = rebalanceCommand(cluster);
  const plan = useQuery({ queryKey: ['rebalance', uid], queryFn: () => rebalance(cluster, true), staleTime: 0 });
  const moves = plan.data?.moves ?? [];

  async function perform(): Promise<void> {
    setBusy(true);
    try {
      const { moves: made } = await rebalance(cluster, false);
      tell({ text: `${count(made.length)} of ${name} on the way, each when its run has ended`, tone: 'good', command });
      onClose();
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), tone: 'bad', command });
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog title={`Rebalance ${name}?`} onClose={onClose}>
      {plan.error !== null ? (
        <ErrorNote error={plan.error} />
      ) : plan.data === undefined ? (
        <Loading lines={2} />
      ) : moves.length === 0 ? (
        <p>Every agent owns its share: nothing is to be moved.</p>
      ) : (
        <>
          <p>{count(moves.length)}: a task that runs moves when its run has ended.</p>
          <ul className="moves">
            {moves.slice(0, MOVES_SHOWN).map(({ namespace, task, slot, from, to }) => (
              <li key={`${namespace} ${task} ${slot}`}>
                {task} <span className="faint">{[namespace, slot].filter(Boolean).join(' ')}</span>: {from} → {to}
              </li>
            ))}
            {moves.length > MOVES_SHOWN && <li className="faint">and {count(moves.length - MOVES_SHOWN)} more</li>}
          </ul>
        </>
      )}
      <CommandLine command={command} />
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={onClose}>
          Leave it
        </button>
        {moves.length > 0 && (
          <button type="button" className="button primary" disabled={busy} onClick={() => void perform()}>
            {busy ? 'On it…' : 'Rebalance'}
          </button>
        )}
      </div>
    </Dialog>
  );
}

const count = (moves: number): string => `${moves.toLocaleString('en')} ${moves === 1 ? 'move' : 'moves'}`;
