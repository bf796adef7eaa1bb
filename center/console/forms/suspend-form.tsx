import { useState } from 'react';
import { post } from '../actions/action.js';
import type { TaskObject } from '../api/objects.js';
import { pathOf } from '../api/request.js';
import { TextField } from '../parts/fields.js';
import { FormDialog } from '../parts/form-dialog.js';
import { useToast } from '../parts/toasts.js';
import { ctask } from '../text/shell.js';
import { exactTime, inputTime } from '../text/times.js';

interface TaskFormProps {
  readonly object: TaskObject;
  readonly onClose: () => void;
}

const HOUR_MS = 3_600_000;

/** A suspension with an end, or with a reason. */
export function SuspendForm({ object: task, onClose }: TaskFormProps) {
  const { name, namespace } = task.metadata;
  const [until, setUntil] = useState(() => inputTime(Date.now() + HOUR_MS));
  const [reason, setReason] = useState('');
  const tell = useToast();
  const end = Date.parse(until);
  const iso = Number.isNaN(end) ? undefined : new Date(end).toISOString();
  const command = ctask('suspend', name, ['--until', iso], ['--reason', reason], ['-n', namespace]);
  async function send(): Promise<void> {
    const body = { ...(iso === undefined ? {} : { until: iso }), ...(reason === '' ? {} : { reason }) };
    await post(pathOf('tasks', namespace, name, 'suspend'), body);
    const words = iso === undefined ? '' : ` until ${exactTime(end)}`;
    tell({ text: `${name} is suspended${words}`, tone: 'good', command });
    onClose();
  }
  return (
    <FormDialog title={`Suspend ${name}`} submit="Suspend" command={command} send={send} onClose={onClose}>
      {(problemAt) => (
        <>
          <TextField
            label="Until"
            type="datetime-local"
            value={until}
            onChange={setUntil}
            hint="In your zone; without an end it is suspended until somebody resumes it"
            problem={problemAt('until')}
          />
          <TextField
            label="Reason"
            value={reason}
            onChange={setReason}
            hint="For those who look at the task"
            problem={problemAt('reason')}
          />
        </>
      )}
    </FormDialog>
  );
}
