/** `12,345`: of a whole number the same as toLocaleString('en') says, which takes longer the first time than a page takes to be drawn. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
