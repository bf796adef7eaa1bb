// Schemas, parser and schedule arithmetic, behind one dynamic import: ajv, typebox, yaml and the schedules take longer to load than
// most commands take to run.
export {
  type AnyObject,
  compileSchedules,
  formatProblem,
  formatProblems,
  kindRow,
  nextTimes,
  type ParsedDocument,
  type ParseResult,
  type Problem,
  parseManifests,
  type Task,
  type TaskSpec,
  taskPolicy,
} from '../../manifests/index.js';
