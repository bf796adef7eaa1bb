// The uploaded files of jobs as packages, and the commands that make them of the files.
import { TaskNames } from '../task-names.js';

/** What the first CloudTask added to the name of an upload: the time, and the ending. */
const UPLOADED = /(-\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)?(\.tar)?(\.(t?gz|tar|zip))?$/i;

interface NamedPackage {
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
}

/** A package per file and namespace: jobs that shared a file share the package. */
export class Packages {
  readonly #names = new Map<string, TaskNames>();
  readonly #packages = new Map<string, NamedPackage>();

  of(file: string, namespace: string): string {
    const key = `${namespace}/${file}`;
    const known = this.#packages.get(key);
    if (known !== undefined) return known.name;
    const names = this.#names.get(namespace) ?? new TaskNames();
    this.#names.set(namespace, names);
    const name = names.of(file.replace(UPLOADED, '') || file);
    this.#packages.set(key, { namespace, name, file });
    return name;
  }

  /** Commands to be given before the tasks are applied, which is refused until their packages are there. `made`: namespaces that
   * only the import makes. */
  commands(made: ReadonlySet<string>): string[] {
    const packages = [...this.#packages.values()];
    const namespaces = [...new Set(packages.map(({ namespace }) => namespace))].filter((name) => made.has(name));
    return [
      ...namespaces.map((name) => `ctask create namespace ${name}`),
      ...packages.map(
        ({ namespace, name, file }) => `ctask create package ${name} --from ${word(file)} -n ${namespace}`,
      ),
    ];
  }
}

/** As a shell takes it for one word, which is no option. */
function word(text: string): string {
  const path = text.startsWith('-') ? `./${text}` : text;
  return /^[\w./:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
