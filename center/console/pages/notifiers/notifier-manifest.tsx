import type { NotifierObject } from '../../api/objects.js';
import { ManifestView } from '../manifest-view.js';
import { NotifierFields } from './notifier-fields.js';

/** Its fields as a form, and beside them the YAML that they are of. */
export function NotifierManifest({ notifier }: { readonly notifier: NotifierObject }) {
  return (
    <ManifestView
      plural="notifiers"
      object={notifier}
      form={(text, problems, onChange) => <NotifierFields text={text} problems={problems} onChange={onChange} />}
    />
  );
}
