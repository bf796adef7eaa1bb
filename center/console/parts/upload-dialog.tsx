// A file becomes a version of a package; how far it is can be seen, and it can be stopped and gone on with.
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { formatBytes } from '../../../base/index.js';
import { currentVersion } from '../../../manifests/index.js';
import { ALLOWED } from '../state/rights.js';
import { type PackageName, type UploadProgress, uploadPackage } from '../state/upload.js';
import { useListed } from '../state/use-listed.js';
import { useRights } from '../state/use-rights.js';
import { ctask, shellWord } from '../text/shell.js';
import { CommandLine } from './command-line.js';
import { Dialog } from './dialog.js';
import { SelectField } from './fields.js';
import { useToast } from './toasts.js';

interface UploadDialogProps {
  /** Undefined: it is asked for. */
  readonly namespace: string | undefined;
  /** Absent: it is asked for. */
  readonly name?: string;
  readonly onClose: () => void;
  readonly onDone?: (name: PackageName) => void;
}

const STEPS: Readonly<Record<UploadProgress['step'], string>> = {
  reading: 'Reading the file',
  sending: 'Sending',
  finishing: 'The center checks what it has got',
};

export function UploadDialog({ namespace: givenNamespace, name: given, onClose, onDone }: UploadDialogProps) {
  const [name, setName] = useState(given ?? '');
  const [chosen, setChosen] = useState('');
  const [file, setFile] = useState<File>();
  const [progress, setProgress] = useState<UploadProgress>();
  const [problem, setProblem] = useState('');
  const ending = useRef<AbortController>(undefined);
  const tell = useToast();
  useEffect(() => () => ending.current?.abort(), []);
  const namespaces = useListed('namespaces', { wanted: givenNamespace === undefined });
  const namespace = givenNamespace ?? chosen;
  const may = useRights();
  const permission = namespace === '' ? ALLOWED : may({ verb: 'upload', plural: 'packages', namespace });
  const refusal = permission.allowed ? undefined : permission.reason;
  const command = ctask(
    'create package',
    shellWord(name || 'NAME'),
    // On a line of its own: what stands in quotes after "from" would be taken for an import.
    ['--from', file?.name ?? 'FILE'],
    ['-n', namespace || 'NAMESPACE'],
  );

  async function upload(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (file === undefined) return;
    const stop = new AbortController();
    ending.current = stop;
    setProblem('');
    setProgress({ step: 'reading', bytes: 0 });
    try {
      const object = await uploadPackage({ namespace, name }, file, setProgress, stop.signal);
      const version = currentVersion(object)?.version;
      tell({ text: `${name} has version ${version ?? ''}; tasks keep the one they have`, tone: 'good', command });
      onDone?.({ namespace, name });
      onClose();
    } catch (error) {
      if (!stop.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setProgress(undefined);
    }
  }

  return (
    <Dialog title={given === undefined ? 'New package' : `New version of ${given}`} onClose={onClose}>
      <form className="form" onSubmit={(event) => void upload(event)}>
        {given === undefined && (
          <label className="field">
            <span>Name</span>
            <input
              required
              value={name}
              spellCheck={false}
              autoCapitalize="none"
              onChange={(event) => setName(event.target.value)}
            />
            {givenNamespace !== undefined && <small>In namespace {namespace}</small>}
          </label>
        )}
        {givenNamespace === undefined && (
          <SelectField
            label="Namespace"
            value={namespace}
            onChange={setChosen}
            required
            options={[['', 'Choose one…'], ...namespaces.items.map(({ metadata }) => metadata.name).sort()]}
            hint="All are looked at: where it belongs is for you to say"
            problem={refusal}
          />
        )}
        <label className="field">
          <span>File</span>
          <input
            type="file"
            required
            accept=".tar.gz,.tgz,.zip,application/gzip,application/zip"
            disabled={progress !== undefined}
            onChange={(event) => setFile(event.target.files?.[0])}
          />
          <small>A .tar.gz or .zip with what tasks run{file === undefined ? '' : `; ${formatBytes(file.size)}`}</small>
        </label>
        {progress !== undefined && file !== undefined && (
          <div className="upload">
            <progress max={file.size} value={progress.bytes} aria-label={STEPS[progress.step]} />
            <span className="muted" role="status">
              {STEPS[progress.step]}: {formatBytes(progress.bytes)} of {formatBytes(file.size)}
            </span>
          </div>
        )}
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <CommandLine command={command} />
        <div className="dialog-buttons">
          <button
            type="button"
            className="button"
            onClick={() => (progress === undefined ? onClose() : ending.current?.abort())}
          >
            {progress === undefined ? 'Leave it' : 'Stop'}
          </button>
          <button type="submit" className="button primary" disabled={progress !== undefined || refusal !== undefined}>
            {progress === undefined ? 'Upload' : 'Uploading…'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
