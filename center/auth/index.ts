export { Authenticator, type Identity } from './authenticator.js';
export { type BuiltInRole, builtInRoles } from './built-in-roles.js';
export { type Impersonated, impersonatedBy, roleOfImpersonated } from './impersonation.js';
export { isLoopback, requireSafeListening } from './listen-policy.js';
export { mayUse, type SubjectRole } from './permissions.js';
export { ensureTokens, type TokenFiles, tokenFiles, tokenHash } from './token-files.js';
