import { SYSTEM_NAMESPACE } from '../../../../manifests/index.js';
import { useParameter } from '../../parts/filters.js';
import { useNamespace } from '../../shell/namespace-scope.js';
import { NewObject } from '../new-object.js';
import { NotifierFields } from './notifier-fields.js';

const template = (namespace: string): string => `apiVersion: cloudtask.dev/v1
kind: Notifier
metadata:
  name: my-notifier
  namespace: ${namespace}
spec:
  email:
    host: mail.example.com
    from: CloudTask <cloudtask@example.com>
    to:
      - ops@example.com
`;

export function NewNotifierPage() {
  const scope = useNamespace();
  const [asked] = useParameter('namespace');
  return (
    <NewObject
      plural="notifiers"
      word="notifier"
      above={{ name: 'Notifiers', path: '/notifiers' }}
      begun={template(asked || scope.namespace || 'default')}
      alsoIn={[SYSTEM_NAMESPACE]}
      namespaceHint={(namespace) => (namespace === SYSTEM_NAMESPACE ? 'For what clusters have to tell' : undefined)}
      done={(name) => `${name} is created; a test shows whether it works`}
      fields={({ text, setText, judgement }) => (
        <NotifierFields text={text} problems={judgement.problems} onChange={setText} />
      )}
      className="new-task tall"
    />
  );
}
