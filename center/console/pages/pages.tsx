import { lazy, Suspense } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { ErrorBoundary } from '../parts/error-boundary.js';
import { Empty, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { AgentPage } from './agent.js';
import { AgentsPage } from './agents.js';
import { ClustersPage } from './clusters.js';
import { EventsPage } from './events.js';
import { OverviewPage } from './overview.js';
import { RunsPage } from './runs.js';
import { TaskPage } from './task.js';
import { TasksPage } from './tasks.js';

const AccessPage = lazy(() => import('./access/access.js').then((module) => ({ default: module.AccessPage })));
const AuditPage = lazy(() => import('./audit/audit.js').then((module) => ({ default: module.AuditPage })));
const NewTaskPage = lazy(() => import('./new-task.js').then((module) => ({ default: module.NewTaskPage })));
const ClusterPage = lazy(() => import('./cluster.js').then((module) => ({ default: module.ClusterPage })));
const NewNotifierPage = lazy(() =>
  import('./notifiers/new-notifier.js').then((module) => ({ default: module.NewNotifierPage })),
);
const NotifierPage = lazy(() => import('./notifiers/notifier.js').then((module) => ({ default: module.NotifierPage })));
const NotifiersPage = lazy(() =>
  import('./notifiers/notifiers.js').then((module) => ({ default: module.NotifiersPage })),
);
const PackagePage = lazy(() => import('./package.js').then((module) => ({ default: module.PackagePage })));
const PackagesPage = lazy(() => import('./packages.js').then((module) => ({ default: module.PackagesPage })));
const SettingsPage = lazy(() => import('./settings/settings.js').then((module) => ({ default: module.SettingsPage })));
const RunPage = lazy(() => import('./run.js').then(({ RunPage: page }) => ({ default: page })));

/** Which page an address is. */
export function Pages() {
  const [location] = useLocation();
  return (
    <ErrorBoundary place={location}>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={OverviewPage} />
          <Route path="/tasks" component={TasksPage} />
          <Route path="/tasks/:namespace/:name/:tab?">
            {({ namespace, name, tab }) => (
              <TaskPage key={`${namespace}/${name}`} namespace={namespace} name={name} tab={tab ?? 'overview'} />
            )}
          </Route>
          <Route path="/new" component={NewTaskPage} />
          <Route path="/runs" component={RunsPage} />
          <Route path="/runs/:namespace/:name">
            {({ namespace, name }) => <RunPage key={`${namespace}/${name}`} namespace={namespace} name={name} />}
          </Route>
          <Route path="/agents" component={AgentsPage} />
          <Route path="/agents/:name/:tab?">
            {({ name, tab }) => <AgentPage key={name} name={name} tab={tab ?? 'tasks'} />}
          </Route>
          <Route path="/clusters" component={ClustersPage} />
          <Route path="/clusters/:name">{({ name }) => <ClusterPage key={name} name={name} />}</Route>
          <Route path="/packages" component={PackagesPage} />
          <Route path="/packages/:namespace/:name">
            {({ namespace, name }) => <PackagePage key={`${namespace}/${name}`} namespace={namespace} name={name} />}
          </Route>
          <Route path="/notifiers" component={NotifiersPage} />
          <Route path="/new-notifier" component={NewNotifierPage} />
          <Route path="/notifiers/:namespace/:name/:tab?">
            {({ namespace, name, tab }) => (
              <NotifierPage key={`${namespace}/${name}`} namespace={namespace} name={name} tab={tab ?? 'overview'} />
            )}
          </Route>
          <Route path="/events" component={EventsPage} />
          <Route path="/access/:part?/:name?">{({ part, name }) => <AccessPage part={part} name={name} />}</Route>
          <Route path="/audit" component={AuditPage} />
          <Route path="/settings" component={SettingsPage} />
          <Route>
            <PageHead title="There is no such page" />
            <Empty title="Nothing of the console has this address">
              <p>
                <Link href="/">Back to the overview</Link>
              </p>
            </Empty>
          </Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}
