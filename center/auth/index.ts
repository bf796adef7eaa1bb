export { AccessDirectory, grantOf, rulesOf } from './access-directory.js';
export { Authenticator, type Identity } from './authenticator.js';
export { type Impersonated, impersonatedBy } from './impersonation.js';
export { isLoopback, requireSafeListening } from './listen-policy.js';
export { type Login, type LoginForm, Logins } from './logins.js';
export { hashOfSecret, PasswordHashes, type ScryptCost } from './password-hashes.js';
export { isAdministrator, mayUse, type Permission, type Subject, type Target } from './permissions.js';
export { guest, type KnownSubject, subjectOf, subjectOfImpersonated } from './subjects.js';
export { ensureTokens, newToken, type TokenFiles, tokenFiles, tokenHash } from './token-files.js';
