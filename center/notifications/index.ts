export { ALARM_TIMES, Alarms, CONFIRMATIONS } from './alarms.js';
export { requireAllowedHosts } from './allowed-hosts.js';
export { requireExternalUrl } from './console-links.js';
export { keepLooking } from './keep-looking.js';
export { Notifications, type NotificationsOptions, type SecretOpener } from './notifications.js';
export { Overdue } from './overdue.js';
export { Steady } from './steady.js';
