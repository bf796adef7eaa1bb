// What a run was given when it was asked for: parameters, further arguments, variables.
import type { ReactNode } from 'react';
import type { RunObject } from '../api/objects.js';
import { CommandLine } from '../parts/command-line.js';
import { ctask, shellWord } from '../text/shell.js';

/** Nothing for a run that was given nothing. */
export function RunGiven({ run: { spec, metadata } }: { readonly run: RunObject }) {
  const { parameters = [], env = [], args = [] } = spec;
  if (parameters.length + env.length + args.length === 0) return null;
  return (
    <section className="card given" aria-label="What it was given">
      <header className="card-head">
        <h2>What it was given</h2>
        {parameters.length > 0 && <span className="muted">with the defaults of the task of that time</span>}
      </header>
      <dl className="facts">
        {parameters.map(({ name, value }) => (
          <Given key={`parameter ${name}`} name={name} value={value} />
        ))}
        {args.length > 0 && (
          <Given name="Arguments" value={args.map(shellWord).join(' ')}>
            <span className="muted">after those of the task</span>
          </Given>
        )}
        {env.map(({ name, value }) => (
          <Given key={`variable ${name}`} name={name} value={value}>
            <span className="muted">variable</span>
          </Given>
        ))}
      </dl>
      <CommandLine command={ctask('describe run', metadata.name, ['-n', metadata.namespace])} />
    </section>
  );
}

interface GivenProps {
  readonly name: string;
  readonly value: string;
  readonly children?: ReactNode;
}

function Given({ name, value, children }: GivenProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="breaks-words">
        {value === '' ? <span className="faint">empty</span> : <code>{value}</code>} {children}
      </dd>
    </div>
  );
}
