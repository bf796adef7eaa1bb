export { formatAge } from '../../base/index.js';
