import { useQuery } from '@tanstack/react-query';
import { currentUser } from '../api/session.js';

/** Why nobody is offered to take themselves away: the next thing they ask for would be refused. */
export const OWN_USER = 'This is you: another administrator can do it, or you with ctask';

/** Name of whoever is signed in, as requests are judged by; undefined while nobody has said it. */
export function useSelf(): string | undefined {
  return useQuery({ queryKey: ['session'], queryFn: currentUser }).data?.name;
}
