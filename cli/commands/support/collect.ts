// What goes into a bundle, file by file. A file that cannot be had is told of in the manifest, and the others are had all the same.
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../base/index.js';
import type { Api } from '../../client/api.js';
import { resourcePath } from '../../client/paths.js';
import type { Settings } from '../../client/settings.js';
import { listPages } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { examinationText } from '../doctor/doctor.js';
import { type Examination, examine } from '../doctor/examine.js';
import { collectLogs } from './collect-logs.js';
import { Masking } from './mask.js';

/** Objects of one kind; of runs and events the newest. */
const OBJECTS_MAX = 100_000;
const RECENT_MAX = 2000;
/** Of these nothing goes in: what they are about is who may log in. */
const LEFT_OUT: readonly string[] = ['tokens'];

export interface BundleFile {
  readonly file: string;
  readonly what: string;
  /** Objects, or lines. */
  readonly count?: number;
}

export interface MissingPart {
  readonly what: string;
  readonly why: string;
  /** Of those it is about, where there are several. */
  readonly names?: readonly string[];
}

export interface BundleManifest {
  readonly kind: 'SupportBundle';
  readonly apiVersion: 'cloudtask.dev/v1';
  readonly time: string;
  readonly version: string;
  readonly files: readonly BundleFile[];
  /** What could not be had, and why. */
  readonly missing: readonly MissingPart[];
  /** How much was masked, by what it was. */
  readonly masked: Readonly<Record<string, number>>;
  readonly neverIn: readonly string[];
}

const NEVER_IN = [
  'values of secrets, tokens, passwords, keys and sessions',
  'output of runs',
  'scripts, standard input and values of parameters',
  'log lines of centers and agents before the last that each keeps in memory, and those of coordination and of ctask up: all are where these were started (journalctl -u ctask-center, docs/operating.md)',
];

/** Writes the files of a bundle into a directory of its own. */
export class Collection {
  private readonly directory: string;
  private readonly deps: CliDeps;
  private readonly masking = new Masking();
  private readonly files: BundleFile[] = [];
  private readonly missing: MissingPart[] = [];

  constructor(directory: string, deps: CliDeps) {
    this.directory = directory;
    this.deps = deps;
  }

  async collect(): Promise<BundleManifest> {
    const settings = await this.deps.settings();
    for (const own of [settings.token, settings.clientKey]) this.masking.remember(own);
    const examination = await examine(this.deps);
    await this.examination(examination, settings);
    await this.config(settings);
    const asked = examination.centers.find(({ api }) => api !== undefined)?.api;
    if (asked === undefined) this.miss('objects, events, metrics, logs', 'no center could be asked');
    else {
      await this.objects(asked);
      await this.metrics(asked);
      await this.logs(examination);
    }
    await this.maskAgain();
    const manifest: BundleManifest = {
      ...{ kind: 'SupportBundle', apiVersion: 'cloudtask.dev/v1', time: examination.time },
      ...{ version: this.deps.host.version, files: this.files, missing: this.missing },
      masked: Object.fromEntries([...this.masking.counts].sort()),
      neverIn: NEVER_IN,
    };
    await fs.writeFile(join(this.directory, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    return manifest;
  }

  /** Names of the files, the manifest first. */
  get names(): string[] {
    return ['manifest.json', ...this.files.map(({ file }) => file)];
  }

  private async examination(examination: Examination, settings: Settings): Promise<void> {
    const { centers, ...told } = examination;
    await this.write('doctor.txt', 'what ctask doctor says', examinationText(examination, false), told.checks.length);
    await this.json('doctor.json', 'the same for programs', told, told.checks.length);
    const versions = {
      client: told.client,
      centers: centers.map(({ server, version = null }) => ({ server, version })),
      context: settings.context?.name ?? null,
    };
    await this.json('versions.json', 'versions of this program and of the centers', versions);
    for (const [index, { diagnosis, server }] of centers.entries()) {
      if (diagnosis === undefined) this.miss(`the inside of ${server}`, 'see doctor.txt');
      else await this.json(`diagnosis-${index + 1}.json`, `what ${server} says of its inside`, diagnosis);
    }
  }

  /** Which entries there are; of users not even where their tokens are. */
  private async config({ config, servers, insecure, requestTimeoutMs }: Settings): Promise<void> {
    const shown = {
      currentContext: config.currentContext ?? null,
      inUse: { servers, insecureSkipTlsVerify: insecure, requestTimeoutMs },
      contexts: config.contexts.map(({ name, value }) => ({
        name,
        server: value.server,
        namespace: value.namespace ?? null,
      })),
      servers: config.servers.map(({ name, value }) => ({ name, servers: value.servers ?? [value.server ?? ''] })),
      users: config.users.map(({ name }) => ({ name })),
      warnings: config.warnings,
    };
    await this.json(
      'config.json',
      'contexts and addresses of the configuration of ctask, without what users log in with',
      shown,
    );
  }

  private async objects(api: Api): Promise<void> {
    await fs.mkdir(join(this.directory, 'objects'));
    let resources: Awaited<ReturnType<Awaited<ReturnType<CliDeps['discovery']>>['resources']>>;
    try {
      resources = await (await this.deps.discovery()).resources();
    } catch (error) {
      return this.miss('objects', messageOf(error));
    }
    for (const { name, verbs } of resources) {
      if (LEFT_OUT.includes(name) || !verbs.includes('list')) continue;
      await this.attempt(name, () => this.objectsOf(name, api));
    }
  }

  private async objectsOf(plural: string, api: Api): Promise<void> {
    const recent = plural === 'runs' || plural === 'events';
    const max = recent ? RECENT_MAX : OBJECTS_MAX;
    const file = `objects/${plural}.ndjson`;
    const handle = await fs.open(join(this.directory, file), 'wx', 0o600);
    let count = 0;
    try {
      for await (const { items } of listPages<object>(api, resourcePath(plural))) {
        const some = items.slice(0, max - count);
        if (some.length === 0) break;
        count += some.length;
        await handle.write(some.map((item) => `${JSON.stringify(this.masking.object(item))}\n`).join(''));
      }
    } finally {
      await handle.close();
      const bound = count === max ? `, of ${recent ? 'the newest' : 'the first'} ${max}` : '';
      this.files.push({ file, what: `${plural}, one a line${bound}`, count });
    }
  }

  private async metrics(api: Api): Promise<void> {
    await this.attempt('metrics', async () =>
      this.write('metrics.txt', 'metrics of the center', await api.text('/metrics')),
    );
  }

  private async logs({ centers, time }: Examination): Promise<void> {
    for (const of of ['centers', 'agents']) await fs.mkdir(join(this.directory, 'logs', of), { recursive: true });
    await collectLogs(centers, Date.parse(time), {
      lines: async (file, what, lines) => {
        const masked = lines.map((line) => `${JSON.stringify(this.masking.object(line))}\n`).join('');
        await this.file(file, what, masked, lines.length);
        return Buffer.byteLength(masked);
      },
      miss: (what, why, names) => this.miss(what, why, names),
    });
  }

  private async json(file: string, what: string, value: object, count?: number): Promise<void> {
    const masked = this.masking.object(value);
    await this.file(file, what, `${JSON.stringify(masked, undefined, 2)}\n`, count);
  }

  private async write(file: string, what: string, text: string, count?: number): Promise<void> {
    await this.file(file, what, this.masking.text(text), count);
  }

  private async file(file: string, what: string, masked: string, count?: number): Promise<void> {
    await fs.writeFile(join(this.directory, file), masked, { mode: 0o600 });
    this.files.push({ file, what, ...(count === undefined ? {} : { count }) });
  }

  /** Values that were masked in one file may stand in another one that was written before. */
  private async maskAgain(): Promise<void> {
    for (const { file } of this.files) {
      const path = join(this.directory, file);
      const text = await fs.readFile(path, 'utf8');
      const masked = this.masking.again(text);
      if (masked !== text) await fs.writeFile(path, masked);
    }
  }

  private async attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.miss(what, messageOf(error));
    }
  }

  private miss(what: string, why: string, names?: readonly string[]): void {
    this.missing.push({ what, why: this.masking.text(why), ...(names === undefined ? {} : { names }) });
  }
}
