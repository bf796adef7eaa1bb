import { CopyButton } from './copy-button.js';

/** What to type for the same: the console hides nothing that a script could not do. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <div className="command-line">
      <code>{command}</code>
      <CopyButton label="Copy the command" text={() => command} />
    </div>
  );
}
