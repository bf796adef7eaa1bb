export const PACKAGE_NAMES = ['package', 'packages', 'pkg'] as const;

/** True for `package/tool`: the words of a command are about packages. */
export function isPackageWord(word: string | undefined): boolean {
  const [type = '', name] = (word ?? '').split('/');
  const plain = type.toLowerCase().replace(/\.cloudtask\.dev$/, '');
  return name !== undefined && (PACKAGE_NAMES as readonly string[]).includes(plain);
}
