// Who the token is for the center, and what it may do there.
import type { Api } from './api.js';
import { GROUP_PATH } from './paths.js';

export const SELF_SUBJECT_PATH = `${GROUP_PATH}/selfsubject`;

/** Verbs that are allowed on resources (plural), or on other paths. */
export interface Rule {
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

export interface SelfSubjectReview {
  readonly status: {
    readonly userInfo: { readonly username: string; readonly uid?: string; readonly groups?: readonly string[] };
    /** The Token that was sent; absent for one of a file of the center, and for certificates. */
    readonly credential?: { readonly token?: string; readonly expirationTime?: string };
    readonly rules: readonly Rule[];
  };
}

/** What may be done in a namespace; with none, in any of them. Throws what the center answers. */
export function reviewSelf(api: Api, namespace?: string): Promise<SelfSubjectReview> {
  return api.get<SelfSubjectReview>(SELF_SUBJECT_PATH, namespace === undefined ? {} : { namespace });
}
