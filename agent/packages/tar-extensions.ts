/**
 * What is wrong with the text of an extended header, in one sentence; undefined when nothing is. The parser skips what it does
 * not understand, and other programs understand more: what two may read in two ways is refused.
 */
export function extensionProblem(text: string): string | undefined {
  // GNU's long names end with NUL, which pax records never do.
  const name = text.replace(/\0+$/, '');
  if (name !== text) {
    return name.includes('\0') ? 'a long name contains NUL' : undefined;
  }
  if (!/^\d+ [^=\n]+=/.test(text)) return undefined;
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const space = rest.indexOf(0x20);
    const length = Number(rest.toString('latin1', 0, Math.max(0, space)));
    if (!Number.isInteger(length) || length <= space || length > rest.length || rest[length - 1] !== 0x0a) {
      return 'an extended header has a record whose length is wrong';
    }
    const problem = recordProblem(rest.toString('utf8', space + 1, length - 1));
    if (problem !== undefined) return problem;
    rest = rest.subarray(length);
  }
  return undefined;
}

function recordProblem(record: string): string | undefined {
  const equals = record.indexOf('=');
  const key = record.slice(0, equals);
  const value = record.slice(equals + 1);
  if (key.startsWith('GNU.sparse.')) return 'sparse files are not allowed';
  if (/[\0\n]/.test(value) && (key === 'path' || key === 'size')) {
    return `an extended header says a ${key} with NUL or a line break`;
  }
  if (key === 'size' && !/^\d{1,15}$/.test(value)) return 'an extended header says a size that is no number';
  return undefined;
}
