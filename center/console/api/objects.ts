// Objects as the API gives them: manifests that are stored.
import type {
  Agent,
  Cluster,
  ClusterRoleBinding,
  Event,
  Group,
  Namespace,
  Notifier,
  Package,
  Role,
  RoleBinding,
  Run,
  ServiceAccount,
  Task,
  Token,
  User,
} from '../../../manifests/index.js';

interface StoredMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
}

export type Stored<T> = T & { readonly metadata: StoredMetadata };

export interface ApiObject {
  readonly kind: string;
  readonly metadata: StoredMetadata;
}

export type TaskObject = Stored<Task>;
export type RunObject = Stored<Run>;
export type AgentObject = Stored<Agent>;
export type ClusterObject = Stored<Cluster>;
export type NamespaceObject = Stored<Namespace>;
export type EventObject = Stored<Event>;
export type PackageObject = Stored<Package>;
export type NotifierObject = Stored<Notifier>;

/** The kinds that pages follow, by the name of their paths. */
export interface Followed {
  readonly tasks: TaskObject;
  readonly runs: RunObject;
  readonly agents: AgentObject;
  readonly clusters: ClusterObject;
  readonly namespaces: NamespaceObject;
  readonly events: EventObject;
  readonly packages: PackageObject;
  readonly notifiers: NotifierObject;
  readonly users: Stored<User>;
  readonly groups: Stored<Group>;
  readonly serviceaccounts: Stored<ServiceAccount>;
  readonly roles: Stored<Role>;
  readonly rolebindings: Stored<RoleBinding>;
  readonly clusterrolebindings: Stored<ClusterRoleBinding>;
  readonly tokens: Stored<Token>;
}
