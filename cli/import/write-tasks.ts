// Imported tasks as one text of manifests, in the style of `ctask fmt`; or as a file each.
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { formatManifests } from '../../manifests/index.js';
import { toYaml } from '../heavy/yaml.js';
import { ordered } from '../output/objects.js';
import type { Imported } from './imported.js';

/** Longer comments are cut: a line of a crontab may be a whole program, and it stands in the manifest anyway. */
const COMMENT_MAX = 200;

/** Documents with the comments of each above it. */
export function manifestsText(tasks: readonly Imported[]): string {
  return formatManifests(tasks.map(documentText).join('---\n'));
}

function documentText({ comments, manifest }: Imported): string {
  return `${comments.map(comment).join('')}${toYaml(ordered(manifest))}`;
}

/** One line that no character of the source can end. */
function comment(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').trimEnd();
  return `# ${line.length > COMMENT_MAX ? `${line.slice(0, COMMENT_MAX)}…` : line}\n`;
}

/** Writes a file for each, over what is there: NAME.yaml for tasks without a namespace. Returns the paths. */
export async function writeTaskFiles(imported: readonly Imported[], directory: string): Promise<string[]> {
  const paths: string[] = [];
  for (const one of imported) {
    const { kind, metadata } = one.manifest;
    const name = kind === 'Task' ? metadata.name : `${kind.toLowerCase()}-${metadata.name}`;
    const path = join(directory, metadata.namespace ?? '', `${name}.yaml`);
    await fs.mkdir(join(path, '..'), { recursive: true });
    await fs.writeFile(path, manifestsText([one]));
    paths.push(path);
  }
  return paths;
}
