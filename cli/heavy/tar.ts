// The tar package, behind one dynamic import: only packing a directory needs it.
export { Pack } from 'tar';
