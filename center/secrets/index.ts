export { addKey } from './key-file.js';
export { KeyRotation } from './key-rotation.js';
export { SecretKeeper } from './secret-keeper.js';
