export { ALARM_TIMES, Alarms } from './alarms.js';
export { requireExternalUrl } from './console-links.js';
export { Notifications, type NotificationsOptions, type SecretOpener } from './notifications.js';
export { Overdue } from './overdue.js';
