// What the bundle puts in the place of Node's globals, by these names.
export {
  simulatedClearImmediate as clearImmediate,
  simulatedRandom,
  simulatedSetImmediate as setImmediate,
} from './globals.js';
