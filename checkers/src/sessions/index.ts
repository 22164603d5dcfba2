export { checkSessions, GUARANTEES, sessions, type Guarantee, type SessionOptions } from './sessions.ts';
