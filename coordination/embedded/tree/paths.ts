import { OperationError } from './errors.js';

/**
 * Throws badArguments when `path` is not a path of a node (ZooKeeper: PathUtils.validatePath). Characters are UTF-16
 * units, as in Java: everything outside the basic plane is refused with the surrogates.
 */
export function validatePath(path: string): void {
  const wellFormed = path === '/' || (path.startsWith('/') && !path.endsWith('/') && segmentsAreValid(path));
  if (!wellFormed) throw new OperationError('badArguments', path);
}

function segmentsAreValid(path: string): boolean {
  let segmentStart = 1;
  for (let i = 1; i <= path.length; i++) {
    const unit = i === path.length ? SLASH : path.charCodeAt(i);
    if (unit !== SLASH) {
      if (isForbidden(unit)) return false;
      continue;
    }
    const length = i - segmentStart;
    if (length === 0) return false;
    if (length <= 2 && path.charCodeAt(segmentStart) === DOT && path.charCodeAt(i - 1) === DOT) return false;
    segmentStart = i + 1;
  }
  return true;
}

const SLASH = 0x2f;
const DOT = 0x2e;

function isForbidden(unit: number): boolean {
  return (
    unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0 // specials
  );
}

/** The parent's path as the tree knows it: '' means the root. Throws badArguments when there is no slash, or a NUL. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 0 || path.includes('\0')) throw new OperationError('badArguments', path);
  return path.slice(0, slash);
}

/** Nodes that every tree has and that cannot be deleted (ZooKeeper: DataTree.isSpecialPath). */
export const BUILT_IN_PATHS: readonly string[] = ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'];
