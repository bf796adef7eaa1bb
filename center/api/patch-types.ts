import { CloudTaskError } from '../../base/index.js';

/** What PATCH takes (A-26). */
export const PATCH_TYPES = [
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
] as const;
export type PatchType = (typeof PATCH_TYPES)[number];

/** The media type of a request without its parameters; '' for none. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** Throws CT_UNSUPPORTED_MEDIA_TYPE, which names the types that are taken. */
export function patchTypeOf(header: string | undefined): PatchType {
  const type = mediaTypeOf(header);
  const found = PATCH_TYPES.find((candidate) => candidate === type);
  if (found !== undefined) return found;
  const strategic = type === 'application/strategic-merge-patch+json' ? 'strategic merge patches are not offered' : '';
  throw new CloudTaskError(
    'CT_UNSUPPORTED_MEDIA_TYPE',
    `${strategic || `"${type}" is no patch`}; accepted types are ${PATCH_TYPES.join(', ')}`,
  );
}
