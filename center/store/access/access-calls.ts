// The book of access, as the thread of the database is asked for it.
import type { AuditSource } from '../audit/audit-trail.js';
import { parsed } from '../parsed-object.js';
import type { StateRepository } from '../state-repository.js';
import type { Stored } from '../store-types.js';
import type { WorkerChannel } from '../worker/channel.js';
import type {
  AccessBook,
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

export class AccessCalls implements AccessBook {
  private readonly channel: () => WorkerChannel<StateRepository>;
  private readonly now: () => number;

  constructor(channel: () => WorkerChannel<StateRepository>, now: () => number) {
    this.channel = channel;
    this.now = now;
  }

  async token(sha256: string): Promise<Credential | undefined> {
    return this.channel().call('tokenCredential', sha256, this.now());
  }

  async session(sha256: string): Promise<SessionCredential | undefined> {
    return this.channel().call('sessionCredential', sha256, this.now());
  }

  async tokenUsed(name: string, everyMs: number): Promise<void> {
    await this.channel().call('tokenUsed', name, everyMs);
  }

  async openSession(session: NewSession): Promise<void> {
    await this.channel().call('openSession', session);
  }

  async closeSession(sha256: string): Promise<void> {
    await this.channel().call('closeSession', sha256);
  }

  async password(user: string): Promise<StoredPassword | undefined> {
    return this.channel().call('password', user);
  }

  async setPassword(password: NewPassword, audit?: AuditSource): Promise<void> {
    await this.channel().call('setPassword', password, audit ?? null);
  }

  async createToken(token: NewToken, audit?: AuditSource): Promise<Stored> {
    return parsed(await this.channel().call('createToken', token, audit ?? null));
  }

  async authority(): Promise<string | undefined> {
    return this.channel().call('authority');
  }

  async claimAuthority(pin: string): Promise<string> {
    return this.channel().call('claimAuthority', pin);
  }

  async createJoinToken(token: NewJoinToken, audit?: AuditSource): Promise<Stored> {
    return parsed(await this.channel().call('createJoinToken', token, audit ?? null));
  }

  async joinAgent(joining: Joining): Promise<AgentIdentity> {
    return this.channel().call('joinAgent', joining);
  }

  async agentIdentity(agent: string, identity: string): Promise<AgentIdentity | undefined> {
    return this.channel().call('agentIdentity', agent, identity);
  }

  async noteCertificate(agent: string, expires: number): Promise<void> {
    await this.channel().call('noteCertificate', agent, expires);
  }

  async giveTasks(agent: string, taskUids: readonly string[]): Promise<void> {
    const known = new Set(await this.givenTasks(agent, taskUids));
    const further = taskUids.filter((uid) => !known.has(uid));
    if (further.length > 0) await this.channel().call('giveTasks', agent, further);
  }

  async givenTasks(agent: string, taskUids: readonly string[]): Promise<string[]> {
    return taskUids.length === 0 ? [] : this.channel().call('givenTasks', agent, taskUids);
  }

  async userOfIssuer(identity: IssuerIdentity, audit: AuditSource): Promise<{ uid: string; name: string }> {
    return this.channel().call('userOfIssuer', identity, audit);
  }

  async issuerGroups(user: string): Promise<readonly string[]> {
    return this.channel().call('issuerGroups', user, this.now());
  }

  async beginLogin(of: LoginTry): Promise<number> {
    return this.channel().call('beginLogin', of);
  }

  async loginSucceeded(of: LoginTry): Promise<void> {
    await this.channel().call('loginSucceeded', of);
  }

  async isSetUp(): Promise<boolean> {
    return this.channel().call('isSetUp');
  }

  async setUp(user: string, hash: string): Promise<boolean> {
    return this.channel().call('setUp', user, hash);
  }
}
