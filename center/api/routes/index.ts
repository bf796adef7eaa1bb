import { kinds } from '../../../manifests/index.js';
import type { ApiContext, Route } from '../route.js';
import { agentCertificateRoutes } from './agent-certificates.js';
import { agentRoutes } from './agent-protocol.js';
import { agentSecretsRoute } from './agent-secrets.js';
import { agentVerbRoutes } from './agent-verbs.js';
import { applyRoute } from './apply.js';
import { auditRoute } from './audit.js';
import { auditEntriesRoute } from './audit-entries.js';
import { authOidcRoutes } from './auth-oidc.js';
import { authSessionRoutes } from './auth-session.js';
import { clusterVerbRoutes } from './cluster-verbs.js';
import { consoleRoutes } from './console.js';
import { credentialRoutes } from './credentials.js';
import { deletedTaskRoutes } from './deleted-tasks.js';
import { diagnosisRoute } from './diagnosis.js';
import { notifierVerbRoutes } from './notifier-verbs.js';
import { objectRoutes } from './objects.js';
import { ownTokenRoutes } from './own-tokens.js';
import { packageRoutes } from './packages.js';
import { processLogRoutes } from './process-logs.js';
import { revisionRoutes } from './revisions.js';
import { runVerbRoutes } from './run-verbs.js';
import { secretKeyRoutes } from './secret-keys.js';
import { selfSubjectRoutes } from './self-subject.js';
import { systemRoutes } from './system.js';
import { taskVerbRoutes } from './task-verbs.js';

/** Everything that is served: one table. */
export function allRoutes(context: ApiContext): readonly Route[] {
  const routes: Route[] = [
    ...kinds.flatMap((row) => objectRoutes(context, row)),
    applyRoute(context),
    auditRoute(context),
    auditEntriesRoute(context),
    diagnosisRoute(context),
    ...processLogRoutes(context),
    ...taskVerbRoutes(context),
    ...revisionRoutes(context),
    ...deletedTaskRoutes(context),
    ...runVerbRoutes(context),
    ...agentVerbRoutes(context),
    ...clusterVerbRoutes(context),
    ...packageRoutes(context),
    ...notifierVerbRoutes(context),
    ...agentRoutes(context),
    agentSecretsRoute(context),
    ...agentCertificateRoutes(context),
    ...authSessionRoutes(context),
    ...authOidcRoutes(context),
    ...secretKeyRoutes(context),
    ...consoleRoutes(context),
    ...credentialRoutes(context),
    ...ownTokenRoutes(context),
  ];
  routes.push(...selfSubjectRoutes(context, () => routes), ...systemRoutes(context, () => routes));
  return routes;
}
