export { Notifications, type NotificationsOptions, type SecretOpener } from './notifications.js';
