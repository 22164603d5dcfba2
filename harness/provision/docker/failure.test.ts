import { expect, test } from 'vitest';
import { EnvironmentError } from '../../errors.ts';
import { dockerFailed, reasonOf } from './failure.ts';

/** What dockerode throws. */
function engineSaid(statusCode: number, reason: string, message: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) ${reason} - ${message} `), {
    statusCode,
    reason,
    json: { message },
  });
}

test('the engine’s own words are shown, without the client’s wrapping', () => {
  const failure = dockerFailed('cannot start n1', engineSaid(500, 'server error', 'Ports are not available'));
  expect(failure.message).toBe('cannot start n1: Ports are not available');
  expect(reasonOf(Object.assign(new Error(''), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
});

test('a full disk is recognised, and so is an engine that is gone', () => {
  const full = engineSaid(500, 'server error', 'write /var/lib/docker/x: no space left on device');
  expect(dockerFailed('cannot create container n1', full).hint).toContain('docker system df');
  const gone = Object.assign(new Error('connect ECONNREFUSED /var/run/docker.sock'), {
    code: 'ECONNREFUSED',
  });
  expect(dockerFailed('cannot look at n1', gone).hint).toContain('went away');
});

test('what already is a message for a person stays as it is', () => {
  const failure = new EnvironmentError('no free subnet');
  expect(dockerFailed('cannot create network', failure)).toBe(failure);
});
