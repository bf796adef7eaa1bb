import { readFile } from 'node:fs/promises';
import { CloudTaskError, type ResolvedOptions } from '../../base/index.js';
import type { CenterOptions, OidcSettings } from '../../center/index.js';

/** The issuer that the options name; undefined for none. Throws CT_CONFIG_INVALID. */
export async function oidcOf(options: ResolvedOptions): Promise<OidcSettings | undefined> {
  const { oidcIssuer, oidcClientId, oidcClientSecretFile, oidcRedirectUrl } = options as Record<
    string,
    string | undefined
  >;
  if (oidcIssuer === undefined) {
    if ([oidcClientId, oidcClientSecretFile, oidcRedirectUrl].every((given) => given === undefined)) return undefined;
    throw new CloudTaskError(
      'CT_CONFIG_INVALID',
      '--oidc-client-id, --oidc-client-secret-file and --oidc-redirect-url go with --oidc-issuer',
    );
  }
  if (oidcClientId === undefined) {
    throw new CloudTaskError('CT_CONFIG_INVALID', '--oidc-issuer needs --oidc-client-id');
  }
  const clientSecret = oidcClientSecretFile === undefined ? undefined : await secretIn(oidcClientSecretFile);
  return {
    ...{ issuer: oidcIssuer, clientId: oidcClientId },
    ...(clientSecret === undefined ? {} : { clientSecret }),
    usernameClaim: options.oidcUsernameClaim as string,
    usernamePrefix: options.oidcUsernamePrefix as string,
    groupsClaim: options.oidcGroupsClaim as string,
    scopes: options.oidcScopes as readonly string[],
    requiredClaims: options.oidcRequiredClaims as Readonly<Record<string, string>>,
    ...(oidcRedirectUrl === undefined ? {} : { redirectUrl: oidcRedirectUrl }),
  };
}

/** How people reach it; whoever logs in by an issuer is sent back there, too. */
export function externalUrlOf({ externalUrl, oidcRedirectUrl }: ResolvedOptions): Pick<CenterOptions, 'externalUrl'> {
  const known = (externalUrl ?? oidcRedirectUrl) as string | undefined;
  return known === undefined ? {} : { externalUrl: known.replace(/\/auth\/oidc\/callback$/, '') };
}

async function secretIn(path: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the file cannot be read', cause });
  }
  // An empty secret would be another way of logging in than the one that was meant.
  if (text === '') throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the file is empty' });
  return text;
}
