// Whose code the bundles carry: their licences ask to travel along.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** Folders of the packages of which code is in the bundles that esbuild's `metafiles` describe. */
function bundledPackages(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = PACKAGE.exec(file)?.[1];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders];
}

function licenceOf(root, folder) {
  const directory = join(root, folder);
  const { name, version, license, author, homepage } = JSON.parse(
    readFileSync(join(directory, 'package.json'), 'utf8'),
  );
  const file = readdirSync(directory).find((entry) => /^licen[cs]e([-.]|$)/i.test(entry));
  const text =
    file === undefined
      ? `Copyright (c) ${author?.name ?? author}; ${homepage} (the package brings no text of its licence)`
      : readFileSync(join(directory, file), 'utf8').replaceAll('\r', '').trim();
  return { title: `${name} ${version} (${license})`, text };
}

/** The text of the licences file: each package once, in the order of names. */
export function licences(root, metafiles) {
  const found = bundledPackages(metafiles).filter((folder) => existsSync(join(root, dirname(folder))));
  const all = new Map(found.map((folder) => licenceOf(root, folder)).map(({ title, text }) => [title, text]));
  const parts = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([title, text]) => `${title}\n\n${text}`.trim());
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `Parts of the files beside this one come from the packages below, under these licences.${rule}${parts.join(rule)}\n`;
}
