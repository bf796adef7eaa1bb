// The frame of each part: its heading, what can be made, its table, its command line.
import { CircleCheck, CircleSlash } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ApiObject } from '../../api/objects.js';
import { CommandLine } from '../../parts/command-line.js';
import { type DataColumn, DataTable } from '../../parts/data-table.js';
import { Moment } from '../../parts/moment.js';
import { Empty, LiveNote, Loading } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { PermittedButton } from '../../parts/permitted-button.js';
import type { Right } from '../../state/rights.js';
import type { Live } from '../../state/use-live.js';
import { useRights } from '../../state/use-rights.js';

export interface PartProps {
  readonly tabs: ReactNode;
}

interface PartFrameProps<T> {
  readonly tabs: ReactNode;
  /** In the plural, as the center calls them for people. */
  readonly what: string;
  readonly live: Live<unknown>;
  readonly items: readonly T[];
  readonly columns: readonly DataColumn<T>[];
  readonly command: string;
  readonly button: string;
  readonly right: Right;
  readonly onNew: () => void;
  /** What it is about, where there is nothing yet. */
  readonly empty: string;
  readonly children?: ReactNode;
}

export function PartFrame<T extends ApiObject>(props: PartFrameProps<T>) {
  const { tabs, what, live, items, columns, command, button, right, onNew, empty, children } = props;
  const may = useRights();
  return (
    <>
      <PageHead title="Access">
        <PermittedButton className="button primary" permission={may(right)} onPress={onNew}>
          {button}
        </PermittedButton>
      </PageHead>
      {tabs}
      <LiveNote live={live} what={what} />
      {live.phase === 'loading' ? (
        <Loading lines={3} />
      ) : items.length === 0 ? (
        <Empty live={live} title={`No ${what} yet`}>
          <p>{empty}</p>
        </Empty>
      ) : (
        <DataTable
          caption={what}
          columns={columns}
          items={items}
          keyOf={({ metadata }) => metadata.uid}
          sorted="Name"
        />
      )}
      <CommandLine command={command} />
      {children}
    </>
  );
}

export const nameColumn: DataColumn<ApiObject> = {
  name: 'Name',
  by: ({ metadata }) => metadata.name,
  cell: ({ metadata }) => <strong className="main-link">{metadata.name}</strong>,
};

/** With a page of its own. */
export const linkedName = (part: 'groups' | 'serviceaccounts'): DataColumn<ApiObject> => ({
  ...nameColumn,
  cell: ({ metadata }) => (
    <Link className="main-link" href={`/access/${part}/${metadata.name}`}>
      {metadata.name}
    </Link>
  ),
});

export const madeColumn: DataColumn<ApiObject> = {
  name: 'Created',
  by: ({ metadata }) => metadata.creationTimestamp,
  cell: ({ metadata }) => <Moment time={metadata.creationTimestamp} />,
  wide: true,
};

interface Described extends ApiObject {
  readonly spec: { readonly description?: string };
}

export const descriptionColumn: DataColumn<Described> = {
  name: 'Description',
  cell: ({ spec }) => spec.description ?? <span className="faint none">–</span>,
};

export function Enabled({ disabled = false }: { readonly disabled?: boolean | undefined }) {
  return disabled ? (
    <span className="state warn">
      <CircleSlash aria-hidden />
      Disabled
    </span>
  ) : (
    <span className="state good">
      <CircleCheck aria-hidden />
      Enabled
    </span>
  );
}
