import { useState } from 'react';
import { post } from '../actions/action.js';
import type { TaskObject } from '../api/objects.js';
import { pathOf } from '../api/request.js';
import { FormDialog } from '../parts/form-dialog.js';
import { useToast } from '../parts/toasts.js';
import { ctask } from '../text/shell.js';
import { type Given, givenValues, isComplete, ParameterFields, parameterFlags } from './parameter-fields.js';

interface TaskFormProps {
  readonly object: TaskObject;
  readonly onClose: () => void;
}

/** A run with values for the parameters that the task declares. */
export function RunForm({ object: task, onClose }: TaskFormProps) {
  const { name, namespace } = task.metadata;
  const declared = task.spec.parameters ?? [];
  const [given, setGiven] = useState<Given>({});
  const tell = useToast();
  const command = ctask('run', name, ...parameterFlags(given), ['-n', namespace]);
  async function send(): Promise<void> {
    await post(pathOf('tasks', namespace, name, 'run'), { parameters: givenValues(given) });
    tell({ text: `A run of ${name} is on its way`, tone: 'good', command });
    onClose();
  }
  return (
    <FormDialog
      title={`Run ${name}`}
      submit="Run now"
      command={command}
      incomplete={!isComplete(declared, given)}
      send={send}
      onClose={onClose}
    >
      {(problemAt) => <ParameterFields declared={declared} given={given} onChange={setGiven} problemAt={problemAt} />}
    </FormDialog>
  );
}
