// The flags of `ctask create package`; what they lead to is loaded when it is run.
import type { Command } from 'commander';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';

export interface PackageFlags {
  from: string;
  description?: string;
  dryRun: string | boolean;
  output?: string;
}

export function defineCreatePackage(create: Command, deps: CliDeps): void {
  const command = create
    .command('package')
    .alias('pkg')
    .description('Upload a program as a package, or as a new version of one')
    .argument('<name>')
    .requiredOption('--from <path>', 'a directory, a .tar.gz or a .zip file')
    .option('--description <text>', 'what it is for');
  addExamples(command, [
    { say: 'A directory', run: 'ctask create package tool --from examples/hello' },
    { say: 'What it would be', run: 'ctask create package tool --from examples/hello --dry-run=client' },
  ]).action(async (name: string, _flags, self: Command) => {
    const { createPackage } = await import('./create-package.js');
    return createPackage(name, self.optsWithGlobals<PackageFlags>(), deps);
  });
}
