export { ALARM_TIMES, Alarms, CONFIRMATIONS } from './alarms.js';
export { requireAllowedHosts } from './allowed-hosts.js';
export { requireExternalUrl } from './console-links.js';
export type { SecretOpener } from './delivery.js';
export { keepLooking } from './keep-looking.js';
export { Notifications, type NotificationsOptions } from './notifications.js';
export { Overdue } from './overdue.js';
export { Steady } from './steady.js';
