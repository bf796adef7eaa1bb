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
  await t.rejects(sendMail(mail, { ...ways, email: { ...email, tls: 'Tls' } }), {
    message: `127.0.0.1:${server.port}: the answer is no TLS; of a server without TLS from the start: spec.email.tls: StartTls, or None`,
    certain: true,
  });
  await sendMail(mail, { ...ways, email: { ...email, tls: 'None' } });
  t.equal(server.mails.length, 1);
  await server.stop();
  await t.rejects(sendMail(mail, { ...ways, email }), { message: /: nobody listens there \(ECONNREFUSED\)$/ });
  await t.rejects(sendMail(mail, { ...ways, allowed: ['*'], email: { ...email, host: 'none.invalid' } }), {
    message:
      /^none\.invalid: (there is no host of that name \(ENOTFOUND\)|the name service does not answer \(EAI_AGAIN\))$/,
  });
});
