export { type ContextToWrite, type WrittenContext, writeContext } from './write-context.js';
