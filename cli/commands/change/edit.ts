// ctask edit: an object in the user's editor (C-20). What is saved goes to the center as a patch of what was changed; what is
// wrong with it is shown in the file, until it is right or given up.
import type { Command } from 'commander';
import { CloudTaskError, type ErrorCause, isCloudTaskError } from '../../../base/index.js';
import { statusOf } from '../../client/status.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { renderObject } from '../../output/objects.js';
import type { ApiObject } from '../../resources/api-object.js';
import { usage } from '../../resources/target.js';
import { FIELD_MANAGER } from '../apply.js';
import { EditedFile } from './editor.js';
import { mergeDiff } from './merge-diff.js';
import { type NamedObject, namedObjects, patchMerge, sayChanged } from './named-objects.js';

export interface EditOptions {
  /** Undefined: ctask, or ctask-edit for what a repository owns (decision 0012). */
  readonly fieldManager?: string;
}

interface EditedObject extends ApiObject {
  readonly metadata: ApiObject['metadata'] & { readonly managedFields?: readonly { readonly manager: string }[] };
}
type Fields = Record<string, unknown>;

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;
/** Nobody tries more often; an editor that is a script might. */
const ROUNDS = 100;
/** Of many reasons the first ones are told; the others come when these are gone. */
const REASONS_MAX = 20;

export function defineEdit(program: Command, deps: CliDeps, run = runEdit): void {
  const command = program
    .command('edit')
    .description('Change an object in an editor ($CTASK_EDITOR, $VISUAL, $EDITOR, vi)')
    .argument('<resource...>', 'TYPE NAME or TYPE/NAME')
    .option('--field-manager <name>', 'who owns the fields from now on; ctask unless given');
  addExamples(command, [
    { say: 'A task', run: 'ctask edit task hello' },
    { say: 'For another manager of fields', run: 'ctask edit task/hello --field-manager ops' },
  ]).action((words: string[], flags: EditOptions) => run(words, flags, deps));
}

export async function runEdit(words: readonly string[], options: EditOptions, deps: CliDeps): Promise<void> {
  if (!deps.host.stdin.isTTY) {
    throw usage('edit needs a terminal', "use 'ctask patch', or 'ctask apply -f'");
  }
  for (const named of await namedObjects(words, {}, deps)) await editOne(named, options, deps);
}

async function editOne(named: NamedObject, options: EditOptions, deps: CliDeps): Promise<void> {
  const file = await EditedFile.create(`${named.kind.toLowerCase()}-${named.name}.yaml`);
  let keep = false;
  try {
    await new Editing(named, options, file, deps).run();
  } catch (error) {
    keep = error instanceof NotSaved;
    if (!(error instanceof NotSaved)) throw error;
    await deps.say(`A copy of your changes has been stored to "${file.path}"`);
    throw error.reason;
  } finally {
    if (!keep) await file.remove();
  }
}

/** The changes are worth keeping, since they are nowhere else. */
class NotSaved extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('not saved');
    this.reason = reason;
  }
}

class Editing {
  private readonly named: NamedObject;
  private readonly options: EditOptions;
  private readonly file: EditedFile;
  private readonly deps: CliDeps;
  private live!: EditedObject;
  /** What the live object looks like in the editor. */
  private original: Fields = {};

  constructor(named: NamedObject, options: EditOptions, file: EditedFile, deps: CliDeps) {
    this.named = named;
    this.options = options;
    this.file = file;
    this.deps = deps;
  }

  async run(): Promise<void> {
    await this.read();
    let shown = await this.textOf(this.original);
    let reasons: string[] = [];
    let failure: unknown;
    /** What is shown is as good as any change: it has been merged with that of somebody else. */
    let acceptable = false;
    for (let round = 0; round < ROUNDS; round++) {
      const text = await this.edit(shown, reasons, failure);
      if (text.trim() === '') return this.deps.say('Edit cancelled, saved file was empty.');
      if (text === shown && !acceptable) {
        if (failure === undefined) return this.deps.say('Edit cancelled, no changes made.');
        await this.deps.say('Edit cancelled, no valid changes were saved.');
        throw new NotSaved(failure);
      }
      shown = text;
      const read = await this.parse(text);
      if ('reason' in read) {
        reasons = [read.reason];
        failure = new CloudTaskError('CT_MANIFEST_INVALID', read.reason);
        acceptable = false;
        continue;
      }
      const patch = mergeDiff(this.original, read.object);
      if (Object.keys(patch).length === 0) return this.deps.say('Edit cancelled, no changes made.');
      const refused = await this.save(patch);
      if (refused === undefined) return;
      failure = refused.error;
      reasons = refused.reasons;
      acceptable = refused.object !== undefined;
      if (refused.object !== undefined) shown = await this.textOf(refused.object);
    }
    throw new NotSaved(failure);
  }

  /** What was saved, without comments. Once something has been changed, an editor that fails must not lose it. */
  private async edit(shown: string, reasons: readonly string[], failure: unknown): Promise<string> {
    const told = reasons.slice(0, REASONS_MAX).map((reason) => `# * ${reason.replaceAll('\n', '\n#   ')}\n`);
    const head = told.length === 0 ? HEADER : `${HEADER}${told.join('')}#\n`;
    try {
      return (await this.file.edit(head + shown, this.deps)).replace(/^#.*\n?/gm, '');
    } catch (error) {
      throw failure === undefined ? error : new NotSaved(error);
    }
  }

  private async read(): Promise<void> {
    this.live = await (await this.deps.api()).get<EditedObject>(this.named.path);
    const { status: _status, metadata, ...object } = this.live;
    const { managedFields: _managed, ...rest } = metadata;
    this.original = { ...object, metadata: rest };
  }

  private textOf(object: object): Promise<string> {
    return renderObject(object, 'yaml');
  }

  private async parse(text: string): Promise<{ object: Fields } | { reason: string }> {
    const { parseYaml } = await import('../../heavy/yaml.js');
    try {
      const object = parseYaml(text);
      if (typeof object === 'object' && object !== null && !Array.isArray(object)) return { object: object as Fields };
      return { reason: 'the file must be one object' };
    } catch (error) {
      return { reason: `the file is not YAML: ${error instanceof Error ? error.message.trim() : String(error)}` };
    }
  }

  /** Undefined when it is saved, and said. */
  private async save(patch: Fields): Promise<{ error: unknown; reasons: string[]; object?: Fields } | undefined> {
    const { resourceVersion, managedFields = [] } = this.live.metadata;
    const fromGit = managedFields.some(({ manager }) => manager.startsWith('gitsync:'));
    const fieldManager = this.options.fieldManager ?? (fromGit ? 'ctask-edit' : FIELD_MANAGER);
    const body = { ...patch, metadata: { resourceVersion, ...(patch.metadata as object | undefined) } };
    const change = { dryRun: 'none', fieldManager } as const;
    try {
      const object = await patchMerge(this.named, this.live, body, change, this.deps);
      await sayChanged(object, 'edited', change, this.deps);
      return undefined;
    } catch (error) {
      if (isCloudTaskError(error, 'CT_CONFLICT')) return this.rebased(patch, error);
      if (!isCloudTaskError(error, 'CT_MANIFEST_INVALID', 'CT_MANIFEST_STRICT', 'CT_BAD_REQUEST')) {
        throw new NotSaved(error);
      }
      const causes = error.details.causes ?? [];
      const reasons = causes.length > 0 ? causes.map(reasonOf) : [statusOf(error)?.message ?? error.message];
      return { error, reasons };
    }
  }

  /** Somebody was faster: their version with the changes of this edit goes back to the editor. */
  private async rebased(patch: Fields, error: unknown): Promise<{ error: unknown; reasons: string[]; object: Fields }> {
    const { mergePatch } = await import('../../heavy/manifests.js');
    await this.read();
    const object = mergePatch(this.original, patch) as Fields;
    return {
      error,
      object,
      reasons: ['the object has been modified meanwhile; below is its latest version with your changes: save it again'],
    };
  }
}

function reasonOf({ field, message }: ErrorCause): string {
  return field === undefined || message.startsWith(field) ? message : `${field}: ${message}`;
}
