import type { AuditSource } from '../audit/audit-trail.js';
import type { ObjectText } from '../repository-types.js';
import { SecretRepository } from '../secrets/secret-repository.js';
import type {
  AgentIdentity,
  Credential,
  IssuerIdentity,
  Joining,
  LoginTry,
  NewJoinToken,
  NewPassword,
  NewSession,
  NewToken,
  SessionCredential,
  StoredPassword,
} from './access-book.js';
import {
  claimAuthority,
  giveTasks,
  joinAgent,
  noteCertificate,
  readAuthority,
  readGivenTasks,
  readIdentity,
} from './agent-identities.js';
import { readGroups } from './issuer-groups.js';
import { userOfIssuer } from './issuer-identities.js';
import { beginLogin, loginSucceeded } from './login-failures.js';
import { uidOf } from './owners.js';
import { readPassword, setPassword } from './passwords.js';
import { closeSession, openSession, readSession, SEEN_EVERY_MS, seeSession } from './sessions.js';
import { isSetUp, setUp } from './set-up.js';
import { createJoinToken, createToken, noteTokenUse, readToken } from './token-hashes.js';

/** What the repository of definitions offers of access: see AccessBook. */
export class AccessRepository extends SecretRepository {
  /** `now`: wall time, ms. */
  async tokenCredential(sha256: string, now: number): Promise<Credential | undefined> {
    return readToken(this.database, sha256, now);
  }

  async sessionCredential(sha256: string, now: number): Promise<SessionCredential | undefined> {
    const found = await readSession(this.database, sha256, now);
    if (found === undefined) return undefined;
    const { seen, ...credential } = found;
    if (now - seen >= SEEN_EVERY_MS) await this.queue.run((tx) => seeSession(tx, sha256));
    return credential;
  }

  tokenUsed(name: string, everyMs: number): Promise<void> {
    return this.queue.run((tx) => noteTokenUse(tx, name, everyMs));
  }

  openSession(session: NewSession): Promise<void> {
    return this.queue.run((tx) => openSession(tx, session));
  }

  closeSession(sha256: string): Promise<void> {
    return this.queue.run((tx) => closeSession(tx, sha256));
  }

  async password(user: string): Promise<StoredPassword | undefined> {
    return readPassword(this.database, user);
  }

  setPassword(password: NewPassword, audit: AuditSource | null): Promise<void> {
    return this.queue.run((tx) => setPassword(tx, password, audit ?? undefined));
  }

  createToken(token: NewToken, audit: AuditSource | null): Promise<ObjectText> {
    return this.queue.run((tx) => createToken(tx, token, audit ?? undefined));
  }

  async authority(): Promise<string | undefined> {
    return readAuthority(this.database.read);
  }

  claimAuthority(pin: string): Promise<string> {
    return this.queue.run((tx) => claimAuthority(tx, pin));
  }

  createJoinToken(token: NewJoinToken, audit: AuditSource | null): Promise<ObjectText> {
    return this.queue.run((tx) => createJoinToken(tx, token, audit ?? undefined));
  }

  joinAgent(joining: Joining): Promise<AgentIdentity> {
    return this.queue.run((tx) => joinAgent(tx, joining));
  }

  async agentIdentity(agent: string, identity: string): Promise<AgentIdentity | undefined> {
    return readIdentity(this.database.read, agent, identity);
  }

  noteCertificate(agent: string, expires: number): Promise<void> {
    return this.queue.run((tx) => noteCertificate(tx, agent, expires));
  }

  giveTasks(agent: string, taskUids: readonly string[]): Promise<void> {
    return this.queue.run((tx) => giveTasks(tx, agent, taskUids));
  }

  async givenTasks(agent: string, taskUids: readonly string[]): Promise<string[]> {
    return readGivenTasks(this.database, agent, taskUids);
  }

  userOfIssuer(identity: IssuerIdentity, audit: AuditSource): Promise<{ uid: string; name: string }> {
    return this.queue.run((tx) => userOfIssuer(tx, identity, audit));
  }

  async issuerGroups(user: string, now: number): Promise<readonly string[]> {
    const uid = await uidOf(this.database.read, 'User', user);
    return uid === undefined ? [] : readGroups(this.database.read, uid, now);
  }

  beginLogin(of: LoginTry): Promise<number> {
    return this.queue.run((tx) => beginLogin(tx, of));
  }

  loginSucceeded(of: LoginTry): Promise<void> {
    return this.queue.run((tx) => loginSucceeded(tx, of));
  }

  async isSetUp(): Promise<boolean> {
    return isSetUp(this.database.read);
  }

  setUp(user: string, hash: string): Promise<boolean> {
    return this.queue.run((tx) => setUp(tx, user, hash));
  }
}
