import { useEffect, useRef } from 'react';

/** Of a page before there is a session: its name in the window, and the focus in its first field, since there is nothing else to do. */
export function useDoor(title: string, fields = '') {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    document.title = `${title} · CloudTask`;
  }, [title]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other fields begin with another first one
  useEffect(() => form.current?.querySelector<HTMLInputElement>('input:not([type="hidden"])')?.focus(), [fields]);
  return form;
}
