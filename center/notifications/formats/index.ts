import type { Notifier } from '../../../manifests/index.js';
import { cloudTask } from './cloudtask.js';
import { dingTalk } from './dingtalk.js';
import { pagerDuty } from './pagerduty.js';
import { slack } from './slack.js';
import { teams } from './teams.js';
import type { WebhookFormat } from './webhook-format.js';
import { weCom } from './wecom.js';

type FormatName = NonNullable<NonNullable<Notifier['spec']['webhook']>['format']>;

export const WEBHOOK_FORMATS: Readonly<Record<FormatName, WebhookFormat>> = {
  CloudTask: cloudTask,
  Slack: slack,
  Teams: teams,
  DingTalk: dingTalk,
  WeCom: weCom,
  PagerDuty: pagerDuty,
};
