export type { AllocationCounters, PlanApplied } from './allocation/allocation-controller.js';
export type { BookkeepingCounters } from './bookkeeping/bookkeeping.js';
export { Controllers, type ControllersOptions } from './controllers.js';
