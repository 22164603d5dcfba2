// A key-value store with a flaw: the primary answers a write before its backups have it, and every node answers reads.
// node server.mjs <my host:port> <primary's host:port> [backup's host:port ...]
import { createServer } from 'node:http';

const [self, primary, ...backups] = process.argv.slice(2);
const [host, port] = self.split(':');
const values = new Map();

createServer(async (request, response) => {
  const key = request.url;
  const answer = (status, body) => response.writeHead(status).end(JSON.stringify(body));
  let text = '';
  for await (const chunk of request) text += chunk;
  if (request.method === 'GET') return answer(200, { value: values.get(key) ?? null });

  const forwarded = request.headers['x-from-primary'] !== undefined;
  if (self !== primary && !forwarded) return answer(503, { error: `ask ${primary}` });
  const { value, from } = JSON.parse(text);
  if (request.method === 'PATCH' && (values.get(key) ?? null) !== from)
    return answer(409, { error: 'has another value' });
  values.set(key, value);
  for (const backup of forwarded ? [] : backups) {
    // In its own time: whoever asks a backup before, gets the old value.
    setTimeout(() => {
      fetch(`http://${backup}${key}`, {
        method: 'PUT',
        body: JSON.stringify({ value }),
        headers: { 'x-from-primary': '1' },
      }).catch(() => {});
    }, 10);
  }
  answer(200, {});
}).listen(Number(port), host);
