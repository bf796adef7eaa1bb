import type { Migration } from './migration.js';

export const fieldManagers: Migration = {
  version: 5,
  name: 'field managers',
  sql: `
-- Who owns which leaf of an object (decision 0012), as JSON text of metadata.managedFields; NULL when nobody owns any.
ALTER TABLE objects ADD COLUMN managed TEXT;
`,
};
