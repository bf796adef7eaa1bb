export type { ClaimIntent, Journal, JournalEntry, JournalState } from './journal/journal.js';
export { type JournalOptions, openJournal } from './journal/open-journal.js';
