import t from 'tap';
import { startMailServer } from '../../test/support/smtp.js';
import { sendMail } from './send-mail.js';

t.test('a server without STARTTLS is named as that, with what to set', async (t) => {
  const server = await startMailServer(t);
  const to = ['ops@example.com'];
  const email = { host: '127.0.0.1', port: server.port, from: 'ct@example.com', to };
  const mail = {
    subject: 's',
    text: 't',
    html: '<p>t</p>',
    messageId: '<1@example.com>',
    references: '<1@example.com>',
    inReplyTo: '<1@example.com>',
    headers: {},
  };
  const ways = { to, allowed: ['127.0.0.1'], signal: new AbortController().signal };
  await t.rejects(sendMail(mail, { ...ways, email }), {
    message: /STARTTLS.*; of a server that has no STARTTLS: spec\.email\.tls: None/,
  });
  await sendMail(mail, { ...ways, email: { ...email, tls: 'None' } });
  t.equal(server.mails.length, 1);
});
