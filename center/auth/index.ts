export { Authenticator } from './authenticator.js';
export { type BuiltInRole, builtInRoles, roleAllows } from './built-in-roles.js';
export { isLoopback, requireSafeListening } from './listen-policy.js';
export { ensureTokens, type TokenFiles, tokenFiles, tokenHash } from './token-files.js';
