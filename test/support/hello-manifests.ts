// What the tests of commands about objects apply: a task, a namespace, and the same task in it.
export const HELLO = `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: hello
  labels: {team: fin}
spec:
  schedules:
  - cron: "0 2 * * *"
  timeZone: Europe/Berlin
  run:
    command: ["/bin/echo", "hi"]
`;
export const BILLING = 'apiVersion: cloudtask.dev/v1\nkind: Namespace\nmetadata: {name: billing}\nspec: {}\n';
export const OTHER = HELLO.replace('name: hello', 'name: other\n  namespace: billing');
