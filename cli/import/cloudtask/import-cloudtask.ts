// Jobs of CloudTask 2 as tasks, with the namespaces and clusters they live in, and the proof that they fire as the jobs did.
import {
  type Cluster,
  type Namespace,
  type Notifier,
  type Problem,
  type Task,
  validateObject,
} from '../../../manifests/index.js';
import { locatedYaml } from '../../heavy/yaml.js';
import type { Imported } from '../imported.js';
import { TaskNames } from '../task-names.js';
import { readDocuments } from './documents.js';
import { badAddresses, draftNotifier, MAIL_NOTIFIER } from './notify.js';
import { type OriginalJob, readJob } from './original-job.js';
import { Packages } from './packages.js';
import { scheduleDifference } from './schedules.js';
import { type CloudtaskTarget, jobTask } from './to-task.js';

export interface ImportedCloudtask {
  readonly tasks: readonly Imported[];
  readonly problems: readonly Problem[];
  /** Commands to be given before the tasks are applied. */
  readonly before: readonly string[];
}

type Path = readonly (string | number)[];
type Tell = (severity: Problem['severity'], path: Path, message: string) => void;

/** @param file what messages call the text. Throws CT_MANIFEST_SYNTAX, CT_USAGE. */
export function importCloudtask(text: string, file: string, target: CloudtaskTarget): ImportedCloudtask {
  const documents = readDocuments(text, file);
  const located = locatedYaml(text);
  const found: Problem[] = [];
  const tasks: Imported<Task>[] = [];
  const world = new Names(target);
  const packages = new Packages();
  const notifiers = new Map<string, Imported<Notifier>>();
  for (const [index, given] of documents.jobs.entries()) {
    let wrong = false;
    const { name = index } = (given ?? {}) as { name?: unknown };
    const tell: Tell = (severity, path, message) => {
      wrong ||= severity === 'error';
      const field = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
      const place = located.placeOf([...documents.path, index, ...path], false);
      const said = `job "${name}"${field === '' ? '' : `: ${field.replace(/^\./, '')}`}: ${message}`;
      found.push({ file, ...place, document: 0, reason: 'FieldValueInvalid', message: said, severity, excerpt: '' });
    };
    const job = readJob(given, (path, message) => tell('error', path, message));
    notes(job, tell);
    const group = documents.groups.get(job.groupId) ?? job.groupId;
    const servers = documents.servers.get(job.location);
    const agents = [...new Set(job.servers.map((server) => (servers?.get(server) ?? server).toLowerCase()))];
    if (wrong) continue;
    const place = world.place(job, group);
    const files = job.filename === '' ? {} : { packageName: packages.of(job.filename, place.namespace) };
    const manifest = jobTask(job, { ...place, ...files, agents }, target);
    for (const { message } of validateObject(manifest).causes) tell('error', [], message);
    if (wrong) continue;
    const [first] = manifest.spec.notify?.[0]?.to ?? [];
    if (first !== undefined && !notifiers.has(place.namespace)) {
      const comments = [
        'mail of the jobs: host, port, tls, user and from are those of the mail endpoint in the yaml of the center',
      ];
      notifiers.set(place.namespace, { comments, manifest: draftNotifier(place.namespace, first) });
      const draft = `notifier ${place.namespace}/${MAIL_NOTIFIER} is a draft: write your mail server into it`;
      tell('warning', ['notifysetting'], draft);
    }
    const of = `job ${job.name}${job.id === '' ? '' : ` (${job.id})`}, group ${group}, runtime ${job.location}`;
    tasks.push({ comments: [of], manifest });
  }
  const made = world.made();
  const namespaces = made.flatMap(({ manifest }) => (manifest.kind === 'Namespace' ? [manifest.metadata.name] : []));
  return {
    tasks: [...made, ...notifiers.values(), ...tasks],
    problems: found,
    before: packages.commands(new Set(namespaces)),
  };
}

/** What a task cannot say, or says otherwise. */
function notes(job: OriginalJob, tell: Tell): void {
  for (const [index, schedule] of job.schedules.entries()) {
    if (!schedule.enabled) tell('warning', ['schedule', index], 'is disabled, and so is suspended');
    const difference = scheduleDifference(schedule);
    if (difference !== undefined) tell('error', ['schedule', index], difference);
    const unit = [0, 1, 60, 3600][schedule.turnmode] ?? 0;
    if (unit > 0 && 86_400 % (schedule.interval * unit) !== 0) {
      const hint = 'a window with restart: true begins anew each day';
      tell('warning', ['schedule', index], `the interval goes on over midnight, as it did: ${hint}`);
    }
  }
  for (const outcome of ['failed', 'succeed'] as const) {
    for (const text of badAddresses(job, outcome))
      tell('warning', ['notifysetting', outcome, 'to'], `"${text}" is no address, and is left out`);
  }
}

/** Names of what the jobs live in: a namespace for each group, a cluster for each runtime. */
class Names {
  readonly #target: CloudtaskTarget;
  readonly #tasks = new Map<string, TaskNames>();
  readonly #namespaces = new Map<string, string>();
  readonly #clusters = new Map<string, string>();
  readonly #namespaceNames = new TaskNames();
  readonly #clusterNames = new TaskNames();

  constructor(target: CloudtaskTarget) {
    this.#target = target;
  }

  place(job: OriginalJob, group: string): { name: string; namespace: string; cluster: string } {
    // Groups of one name in two runtimes were two groups.
    const inGroup = () => known(this.#namespaces, `${group} (${job.location})`, () => this.#namespaceNames.of(group));
    const namespace = this.#target.namespace ?? (group === '' ? 'default' : inGroup());
    const inRuntime = () => known(this.#clusters, job.location, () => this.#clusterNames.of(job.location));
    const cluster = this.#target.cluster ?? (job.location === '' ? 'default' : inRuntime());
    const names = this.#tasks.get(namespace) ?? new TaskNames(this.#target.prefix);
    this.#tasks.set(namespace, names);
    return { name: names.of(job.name), namespace, cluster };
  }

  /** Those that the tasks need, unless the target names its own. */
  made(): Imported<Namespace | Cluster>[] {
    const head = { apiVersion: 'cloudtask.dev/v1' } as const;
    return [
      ...[...this.#namespaces].map(([group, name]) => ({
        comments: [`group ${group}`],
        manifest: { ...head, kind: 'Namespace', metadata: { name }, spec: {} } as Namespace,
      })),
      ...[...this.#clusters].map(([runtime, name]) => ({
        comments: [`runtime ${runtime}`],
        manifest: { ...head, kind: 'Cluster', metadata: { name }, spec: {} } as Cluster,
      })),
    ];
  }
}

function known(names: Map<string, string>, key: string, make: () => string): string {
  const name = names.get(key) ?? make();
  names.set(key, name);
  return name;
}
