export { type Inside, lookInside } from './diagnose.js';
