import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { clientAddress } from './client-address.js';

/** A request from a trusted proxy at an unknown address; `10.…` are further proxies. */
function requestFrom(forwarded: string): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  req.headers['x-forwarded-for'] = forwarded;
  return req;
}
const trust = (address: string): boolean => address === '' || address.startsWith('10.');

it('believes trusted proxies as far as they go', () => {
  expect(clientAddress(requestFrom('6.6.6.6, 203.0.113.7, 10.0.0.2'), trust)).toBe('203.0.113.7');
  expect(clientAddress(requestFrom('10.0.0.3,10.0.0.2'), trust)).toBe('10.0.0.3');
  expect(clientAddress(requestFrom('203.0.113.7'), () => false)).toBe('');
});
