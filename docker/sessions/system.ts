import { kitSystem } from '../kit/system.ts';
import { sessionsClient } from './balancer.ts';
import { bugs } from './bugs.ts';
import protocol from './sessions.ts';

export default kitSystem({
  name: 'sessions',
  about: 'a web application’s sessions: sticky, replicated, in a central store, or in a signed cookie',
  module: new URL('./sessions.ts', import.meta.url),
  protocol,
  roles: { store: 'store', node: 'node' },
  bugs,
  options: {
    store: {
      about: 'where a session is kept',
      default: 'replicated',
      choices: ['replicated', 'central', 'cookie', 'sticky'],
    },
  },
  clients: [sessionsClient],
});
